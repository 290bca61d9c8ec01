// Choosing one of Meta's approved templates and filling it in, seen as the customer will see it.

import { get, post } from "./api.js";
import { button, el, show } from "./element.js";
import { word } from "./texts.js";
import { bodyOf, fieldsOf, isBeyond, previewOf } from "./template_parts.js";

const PAGE = 200,
  MOST = 1000;
const refuse = (told, node) => {
  node?.focus();
  throw Object.assign(new Error(told), { told });
};
const plain = (given) =>
  given
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLocaleLowerCase();
const pathOf = (account) => `/accounts/${encodeURIComponent(account)}/templates`;

/* Those that can be sent, as Meta last told of them. */
async function kept(account) {
  const found = [];
  let after = "";
  do {
    const { items, next } = await get(`${pathOf(account)}?status=APPROVED&limit=${PAGE}${after}`);
    found.push(...items.filter((each) => !each.missing_since));
    after = next ? `&after=${encodeURIComponent(next)}` : "";
  } while (after && found.length < MOST);
  return found;
}

async function read(account, anew) {
  const known = anew ? [] : await kept(account);
  if (known.length) return known;
  await post(`${pathOf(account)}/sync`);
  return kept(account);
}

/* `parts` go into a dialog; `of` says whose templates; `chosen` gives the API's `template`, or refuses in words. */
export function picker() {
  let account = "",
    all = null,
    problem = "",
    template = null,
    values = new Map();

  const search = el("input", {
    type: "search",
    autocomplete: "off",
    maxlength: 100,
    placeholder: word("searchTemplates"),
    "aria-label": word("searchTemplates"),
    "data-role": "template-search",
    on: { input: drawList, keydown: searchKeys },
  });
  const rows = el("ul", { class: "templates", "aria-label": word("templates"), on: { keydown: arrows } });
  const none = el("p", { class: "soft", role: "status" });
  const again = button(word("askMetaAgain"), () => load(true), { class: "small", "data-role": "template-sync" });
  const list = el("div", { class: "stack" }, search, rows, none, again);
  const filling = el("div", { class: "stack", hidden: true });
  const preview = el("div", {
    class: "preview",
    tabindex: 0, // it scrolls where it is long
    role: "group",
    "aria-label": word("customerReads"),
    "data-role": "template-preview",
  });

  async function load(anew = false) {
    const asked = account;
    again.disabled = true;
    [all, problem] = [anew ? all : null, ""];
    drawList();
    try {
      const found = await read(asked, anew);
      if (asked === account) all = found;
    } catch (error) {
      if (asked === account) [all, problem] = [all ?? [], error.told ?? String(error)];
    }
    again.disabled = false;
    drawList();
  }

  function fitting() {
    const wanted = plain(search.value.trim());
    return (all ?? []).filter((each) => plain(`${each.name} ${each.language} ${each.text}`).includes(wanted));
  }

  function drawList() {
    const found = fitting();
    show(rows, found, (each) => `${each.name} ${each.language}`, row);
    none.textContent = problem || (all === null ? word("loading") : found.length ? "" : word("noTemplates"));
    none.hidden = !none.textContent;
  }

  function row(each) {
    const beyond = isBeyond(each);
    const choose = button("", () => fill(each), { disabled: beyond, "data-role": "template", "data-name": each.name });
    choose.append(
      el(
        "span",
        { class: "line" },
        el("strong", { class: "cut", text: each.name }),
        el("span", { class: "soft", text: each.language }),
      ),
      el("span", { class: "soft words", text: beyond ? word("templateBeyond") : each.text }),
    );
    return el("li", {}, choose);
  }

  /* Enter takes the first that fits; down goes into the list. */
  function searchKeys(event) {
    if (event.key === "ArrowDown") rows.querySelector("button:enabled")?.focus();
    else if (event.key === "Enter") rows.querySelector("button:enabled")?.click();
    else return;
    event.preventDefault();
  }

  function arrows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...rows.querySelectorAll("button:enabled")];
    (buttons[buttons.indexOf(document.activeElement) + step] ?? search).focus();
    event.preventDefault();
  }

  function fill(each) {
    [template, values] = [each, new Map()];
    const other = button(word("otherTemplate"), backToList, { class: "small", "data-role": "template-other" });
    const fields = fieldsOf(template).map(input);
    filling.replaceChildren(
      el(
        "p",
        { class: "line" },
        el("strong", { class: "cut", text: template.name }),
        el("span", { class: "soft", text: template.language }),
        other,
      ),
      preview,
      ...fields,
    );
    [list.hidden, filling.hidden] = [true, false];
    drawPreview();
    (filling.querySelector("input") ?? other).focus();
  }

  function backToList() {
    template = null;
    [list.hidden, filling.hidden] = [false, true];
    search.focus();
  }

  function input(field) {
    const told = word(...field.label) + (field.card ? ` · ${word("fieldCard", field.card)}` : "");
    const node = el("input", {
      type: field.input === "number" ? "text" : field.input,
      inputmode: field.input === "number" ? "decimal" : undefined,
      maxlength: field.longest,
      placeholder: field.example || undefined,
      autocomplete: "off",
      "aria-required": String(!field.may),
      "data-role": "template-field",
      "data-field": field.key,
      on: {
        input: () => {
          values.set(field.key, node.value);
          drawPreview();
        },
      },
    });
    const name = field.may ? `${told} (${word("mayBeEmpty")})` : told;
    return el("label", { class: "field" }, el("span", { text: name }), node);
  }

  function drawPreview() {
    preview.replaceChildren(...previewOf(template, values).map(line));
  }

  function line({ look, form, card, pieces }) {
    const words = pieces.map((each) => (each.look ? el("span", { "data-look": each.look, text: each.text }) : each.text));
    const what = look === "file" && `[${word(`header_${form}`)}] `;
    return el("p", { "data-look": look, class: card ? "card" : undefined }, what, words);
  }

  function chosen() {
    if (!template) refuse(word("chooseTemplate"), search);
    const missing = fieldsOf(template).find((each) => !each.may && !(values.get(each.key) ?? "").trim());
    if (missing) refuse(word("fillIn", word(...missing.label)), fieldNode(missing.key));
    const wrong = fieldsOf(template).find((each) => each.input === "number" && !Number.isFinite(Number(values.get(each.key))));
    if (wrong) refuse(word("fillInNumber", word(...wrong.label)), fieldNode(wrong.key));
    return bodyOf(template, values);
  }

  const fieldNode = (key) => [...filling.querySelectorAll("input")].find((each) => each.dataset.field === key);

  function of(id) {
    if (account === id) return;
    account = id;
    if (template) backToList();
    load();
  }

  return { parts: [list, filling], of, chosen, focus: () => search.focus() };
}
