// Reads openapi.json and shows it. Whatever it says is text, never markup. A token is kept nowhere but in its field.

const METHODS = ["get", "post", "put", "patch", "delete"];
const field = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter((each) => each !== null && each !== undefined));
  return made;
}

const response = await fetch("openapi.json");
const description = await response.json();
const schemas = description.components.schemas;

function resolved(schema) {
  return schema && schema.$ref ? schemas[schema.$ref.split("/").pop()] : schema || {};
}

/** What a value may be, in a few words. */
function words(schema) {
  if (!schema || !Object.keys(schema).length) return "anything";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(words).join(" | ");
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${words(schema.items)}]`;
  const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"]
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${schema[name]}`);
  return [schema.type || "object", schema.format, ...bounds].filter(Boolean).join(", ");
}

/** A body to begin with: what must be there, or else what is named first. */
function example(schema, depth = 0) {
  const whole = resolved(schema);
  if (whole.default !== undefined && whole.default !== null) return whole.default;
  if (whole.enum) return whole.enum[0];
  if (whole.anyOf) return example(whole.anyOf[0], depth);
  if (whole.type === "object" || whole.properties) {
    const names = whole.required && whole.required.length ? whole.required : Object.keys(whole.properties || {}).slice(0, 1);
    return depth > 3 ? {} : Object.fromEntries(names.map((name) => [name, example(whole.properties[name], depth + 1)]));
  }
  if (whole.type === "array") return [];
  return { integer: 1, number: 1, boolean: false, null: null }[whole.type] ?? "";
}

function shape(schema) {
  const whole = resolved(schema);
  if (!whole.properties) return make("p", {}, make("code", {}, words(schema)));
  const required = new Set(whole.required || []);
  const rows = Object.entries(whole.properties).map(([name, each]) =>
    make(
      "div",
      { class: "field" },
      make("code", {}, name, required.has(name) ? "" : "?"),
      make("code", { class: "quiet" }, words(each)),
      make("span", { class: "quiet" }, each.description || ""),
    ),
  );
  return make("div", {}, whole.description ? make("p", { class: "text" }, whole.description) : null, ...rows);
}

function parameter(told) {
  const input = make("input", { name: told.name, "aria-label": told.name, placeholder: told.required ? "must be given" : "" });
  const row = make(
    "div",
    { class: "field" },
    make("code", {}, `${told.name}${told.required ? "" : "?"} (${told.in})`),
    input,
    make("span", { class: "quiet" }, [words(told.schema), told.description].filter(Boolean).join(". ")),
  );
  return { told, input, row };
}

async function send(method, path, parameters, body, shown) {
  const query = new URLSearchParams();
  const headers = { "Accept-Language": field("language").value };
  if (field("token").value) headers.Authorization = `Bearer ${field("token").value}`;
  let address = path;
  for (const { told, input } of parameters) {
    if (told.in === "path") address = address.replace(`{${told.name}}`, encodeURIComponent(input.value));
    else if (input.value && told.in === "query") query.set(told.name, input.value);
    else if (input.value) headers[told.name] = input.value;
  }
  if (query.size) address += `?${query}`;
  if (body) headers["Content-Type"] = body.type;
  try {
    const answer = await fetch(address, { method: method.toUpperCase(), headers, body: body && body.value() });
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    const text = isJson ? JSON.stringify(await answer.json(), null, 2) : `${(await answer.blob()).size} bytes`;
    const bad = answer.ok ? "" : " bad";
    shown.replaceChildren(
      make("p", {}, make("span", { class: `status${bad}` }, `${answer.status}`), ` ${method.toUpperCase()} ${address}`),
      make("pre", {}, text),
    );
  } catch (error) {
    shown.replaceChildren(make("p", { class: "status bad" }, `No answer: ${error.message}`));
  }
}

function requestBody(operation) {
  const content = operation.requestBody && operation.requestBody.content;
  if (!content) return null;
  const [type, { schema }] = Object.entries(content)[0];
  if (type !== "application/json") {
    const file = make("input", { type: "file", "aria-label": "file" });
    return { type, value: () => file.files[0], parts: [make("h3", {}, `Body: ${type}`), file] };
  }
  const text = make("textarea", { "aria-label": "body", spellcheck: "false" });
  text.value = JSON.stringify(example(schema), null, 2);
  return { type, value: () => text.value, parts: [make("h3", {}, `Body: ${words(schema)}`), shape(schema), text] };
}

function answers(operation) {
  return Object.entries(operation.responses).map(([status, told]) => {
    const [type, content] = Object.entries(told.content || {})[0] || [];
    const what = content && content.schema ? words(content.schema) : type || "";
    return make("div", { class: "field" }, make("code", {}, status), make("code", { class: "quiet" }, what), told.description);
  });
}

function inside(method, path, operation) {
  const parameters = operation.parameters.filter((each) => each.name !== "Accept-Language").map(parameter);
  const body = requestBody(operation);
  const shown = make("div", { "aria-live": "polite" });
  return make(
    "div",
    {},
    make("p", { class: "text" }, operation.description || ""),
    ...parameters.map((each) => each.row),
    ...(body ? body.parts : []),
    make("p", {}, make("button", { type: "button", onclick: () => send(method, path, parameters, body, shown) }, "Send")),
    shown,
    make("h3", {}, "Answers"),
    ...answers(operation),
  );
}

/** A part that is made when it is opened for the first time. */
function part(attributes, head, content) {
  const made = make("details", attributes, make("summary", {}, ...head));
  made.addEventListener("toggle", () => made.open && made.children.length === 1 && made.append(content()));
  return made;
}

function operationPart(method, path, operation) {
  const head = [
    make("span", { class: `method ${method}` }, method.toUpperCase()),
    make("span", { class: "address" }, path),
    make("span", { class: "quiet" }, operation.summary),
  ];
  const found = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  return part({ id: operation.operationId, "data-found": found }, head, () => inside(method, path, operation));
}

function show() {
  field("about").textContent = description.info.description;
  const groups = new Map(description.tags.map(({ name }) => [name, []]));
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const method of METHODS.filter((each) => methods[each])) {
      groups.get(methods[method].tags[0]).push(operationPart(method, path, methods[method]));
    }
  }
  for (const [name, parts] of groups) field("operations").append(make("section", {}, make("h2", {}, name), ...parts));
  const named = Object.keys(schemas).map((name) => part({}, [make("code", {}, name)], () => make("div", {}, shape(schemas[name]))));
  field("schemas").append(make("h2", {}, "Schemas"), ...named);
}

function find() {
  const wanted = field("find").value.trim().toLowerCase();
  for (const section of field("operations").children) {
    const parts = [...section.querySelectorAll("details")];
    for (const each of parts) each.hidden = !each.dataset.found.includes(wanted);
    section.hidden = parts.every((each) => each.hidden);
  }
}

show();
field("find").addEventListener("input", find);
field("who").addEventListener("submit", (event) => event.preventDefault());
