// A template's parts: which fields it has, what it says with them filled in, and how the API is told of them.

const FIELD = /\{\{\s*(\w+)\s*\}\}/g;
const FILES = new Set(["IMAGE", "VIDEO", "DOCUMENT"]);
/* What needs more than an operator can fill in here: products of a catalogue. */
const BEYOND = new Set(["MPM", "SPM", "PRODUCT"]);

const upper = (given) => String(given ?? "").toUpperCase();
const list = (given) => (Array.isArray(given) ? given.filter((each) => each && typeof each === "object") : []);
const text = (given) => (typeof given === "string" ? given : "");
const part = (components, type) => list(components).find((each) => upper(each.type) === type);
const buttonsOf = (components) => list(part(components, "BUTTONS")?.buttons);
const cardsOf = (components) => list(part(components, "CAROUSEL")?.cards);
const isCode = (template) => upper(template.category) === "AUTHENTICATION";

/* Numbered fields in the order of their numbers, as Meta counts them; named ones as they stand. */
function fieldsIn(words) {
  const names = [...new Set([...text(words).matchAll(FIELD)].map((found) => found[1]))];
  return names.every((name) => /^\d+$/.test(name)) ? names.sort((a, b) => a - b) : names;
}
const named = (names) => names.some((name) => !/^\d+$/.test(name));

function exampleOf(body, name, index) {
  const given = body?.example ?? {};
  const byName = list(given.body_text_named_params).find((each) => each.param_name === name)?.example;
  return text(byName ?? given.body_text?.[0]?.[index]);
}

/* [{key, label: [word, …facts], input, longest, example}]; `input`: as the element has it. */
export function fieldsOf(template) {
  const { components } = template;
  if (isCode(template)) return [{ key: "code", label: ["fieldCode"], input: "text", longest: 15 }];
  const cards = cardsOf(components).flatMap((card, index) =>
    partFields(card.components, `card.${index}.`).map((field) => ({ ...field, card: index + 1 })),
  );
  const ends = part(components, "LIMITED_TIME_OFFER")?.limited_time_offer?.has_expiration;
  const until = ends ? [{ key: "until", label: ["fieldUntil"], input: "datetime-local" }] : [];
  return [...partFields(components, ""), ...until, ...cards];
}

function partFields(components, before) {
  const body = part(components, "BODY");
  const inBody = fieldsIn(body?.text).map((name, index) => ({
    key: `${before}body.${name}`,
    label: ["fieldBody", name],
    input: "text",
    longest: 1024,
    example: exampleOf(body, name, index),
  }));
  return [...headerFields(part(components, "HEADER"), before), ...inBody, ...buttonFields(components, before)];
}

function headerFields(header, before) {
  const form = upper(header?.format);
  if (FILES.has(form)) {
    const link = { key: `${before}header.link`, label: [`fieldLink_${form}`], input: "url", longest: 2000 };
    const name = { key: `${before}header.filename`, label: ["fieldFilename"], input: "text", longest: 240, may: true };
    return form === "DOCUMENT" ? [link, name] : [link];
  }
  if (form === "LOCATION")
    return [
      { key: `${before}header.latitude`, label: ["fieldLatitude"], input: "number" },
      { key: `${before}header.longitude`, label: ["fieldLongitude"], input: "number" },
      { key: `${before}header.name`, label: ["fieldPlace"], input: "text", longest: 200, may: true },
      { key: `${before}header.address`, label: ["fieldAddress"], input: "text", longest: 200, may: true },
    ];
  return fieldsIn(header?.text).map((name) => ({
    key: `${before}header.${name}`,
    label: ["fieldHeader", name],
    input: "text",
    longest: 60,
    example: text(header.example?.header_text?.[0]),
  }));
}

function buttonFields(components, before) {
  return buttonsOf(components)
    .map((each, index) => {
      const name = text(each.text);
      if (upper(each.type) === "COPY_CODE")
        return { key: `${before}button.${index}.code`, label: ["fieldCode"], input: "text", longest: 15 };
      if (upper(each.type) === "URL" && fieldsIn(each.url).length)
        return { key: `${before}button.${index}.url`, label: ["fieldUrl", name], input: "text", longest: 1024 };
      return null;
    })
    .filter(Boolean);
}

export const isBeyond = ({ components }) =>
  [components, ...cardsOf(components).map((card) => card.components)].some(
    (each) =>
      buttonsOf(each).some((one) => BEYOND.has(upper(one.type))) || upper(part(each, "HEADER")?.format) === "PRODUCT",
  );

/* What the API's `template` is, with these values by their fields' keys. */
export function bodyOf(template, values) {
  const { name, language, components } = template;
  const given = (key) => (values.get(key) ?? "").trim();
  if (isCode(template)) return { name, language, code: given("code") };
  const cards = cardsOf(components).map((card, index) => filledPart(card.components, `card.${index}.`, given));
  const until = given("until");
  return {
    name,
    language,
    ...filledPart(components, "", given),
    ...(cards.length && { cards }),
    ...(until && { expires_at: new Date(until).toISOString() }),
  };
}

function filledPart(components, before, given) {
  const names = fieldsIn(part(components, "BODY")?.text),
    value = (name) => given(`${before}body.${name}`);
  const body = named(names) ? Object.fromEntries(names.map((name) => [name, value(name)])) : names.map(value);
  const header = filledHeader(part(components, "HEADER"), `${before}header.`, given);
  const buttons = buttonsOf(components).flatMap((each, index) =>
    ["url", "code"]
      .filter((what) => given(`${before}button.${index}.${what}`))
      .map((what) => ({ index, [what]: given(`${before}button.${index}.${what}`) })),
  );
  return {
    ...(names.length && { body }),
    ...(header !== null && { header }),
    ...(buttons.length && { buttons }),
  };
}

function filledHeader(header, before, given) {
  const form = upper(header?.format);
  const some = (names) => Object.fromEntries(names.map((name) => [name, given(before + name)]).filter(([, said]) => said));
  if (FILES.has(form)) return { kind: form.toLowerCase(), ...some(["link", "filename"]) };
  if (form === "LOCATION") {
    const at = { latitude: Number(given(`${before}latitude`)), longitude: Number(given(`${before}longitude`)) };
    return { kind: "location", ...at, ...some(["name", "address"]) };
  }
  const [name] = fieldsIn(header?.text);
  return name ? given(before + name) : null;
}

/* What the customer will read: [{look, pieces: [{text, look}]}], a field that is still empty as it stands in the words. */
export function previewOf(template, values) {
  const given = (key) => (values.get(key) ?? "").trim();
  const cards = cardsOf(template.components).flatMap((card, index) =>
    shownParts(card.components, `card.${index}.`, given).map((line) => ({ ...line, card: true })),
  );
  const key = isCode(template) ? () => "code" : (before) => before;
  return [...shownParts(template.components, "", given, key), ...cards];
}

function shownParts(components, before, given, key = (each) => each) {
  return list(components).flatMap((each) => {
    const type = upper(each.type),
      form = upper(each.format);
    if (type === "HEADER" && form && form !== "TEXT")
      return [{ look: "file", form, pieces: [{ text: given(`${before}header.link`) || given(`${before}header.name`) }] }];
    if (["HEADER", "BODY", "FOOTER"].includes(type))
      return [{ look: type.toLowerCase(), pieces: pieces(text(each.text), (name) => given(key(`${before}${type.toLowerCase()}.${name}`))) }];
    if (type !== "BUTTONS") return [];
    return list(each.buttons).map((one, index) => ({
      look: "button",
      pieces: [{ text: text(one.text) || upper(one.type) }, ...ending(one, given(`${before}button.${index}.url`))],
    }));
  });
}

const ending = (one, said) =>
  upper(one.type) === "URL" && one.url && fieldsIn(one.url).length
    ? [{ text: ` ${text(one.url).replace(FIELD, said || "…")}`, look: "soft" }]
    : [];

function pieces(words, value) {
  const found = [];
  let end = 0;
  for (const each of words.matchAll(FIELD)) {
    const said = value(each[1]);
    found.push({ text: words.slice(end, each.index) }, { text: said || each[0], look: said ? "filled" : "empty" });
    end = each.index + each[0].length;
  }
  return [...found, { text: words.slice(end) }].filter((each) => each.text);
}
