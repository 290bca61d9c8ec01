// Canned replies: `/` and a few letters, then Enter. Its fields are filled in before anything is sent.

import { get } from "./api.js";
import { byId, el, show } from "./element.js";
import { firstName } from "./names.js";
import { desk } from "./state.js";
import { language, word } from "./texts.js";

const MOST = 8;
let put = () => {},
  fitting = [],
  chosen = 0;

export async function read() {
  desk.canned = (await get("/canned")).items;
}

/* For the customer's language first, then the reader's; those of other accounts never. */
function fit(asked) {
  const conversation = desk.open.conversation,
    wanted = asked.toLowerCase();
  const tongue = (conversation.language ?? language()).slice(0, 2);
  return desk.canned
    .filter((each) => !each.account_id || each.account_id === conversation.account_id)
    .filter(
      (each) =>
        bare(each).toLowerCase().startsWith(wanted) || (wanted.length > 2 && each.text.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => (b.language === tongue) - (a.language === tongue) || bare(a).localeCompare(bare(b)))
    .slice(0, MOST);
}

const bare = (canned) => canned.shortcut.replace(/^\//, "");

/* As the server fills them: where there is nothing to put, the comma and the space before go too. */
function filled(text) {
  const { contact, account_name: shop } = desk.open.conversation;
  const values = { customer: contact?.name && firstName(desk.open.conversation), operator: desk.me.name, shop };
  return text.replace(/(,? ?)\{(\w+)\}/g, (whole, before, name) =>
    name in values ? (values[name] ? before + values[name] : "") : whole,
  );
}

export function look(typed) {
  const asked = /^\/(\S*)$/.exec(typed);
  if (!asked) return close();
  fitting = fit(asked[1]);
  chosen = 0;
  draw();
}

const isOpen = () => !byId("canned").hidden;

export function close() {
  byId("canned").hidden = true;
  byId("box").setAttribute("aria-expanded", "false");
  byId("box").removeAttribute("aria-activedescendant");
}

function draw() {
  const list = byId("canned"),
    box = byId("box");
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
  const rows = fitting.map((each, index) => ({
    id: each.id,
    shortcut: bare(each),
    text: filled(each.text),
    chosen: index === chosen,
    index,
  }));
  show(
    list,
    rows.length ? rows : [{ id: "none" }],
    (each) => each.id,
    (row) =>
      row.id === "none"
        ? el("li", { class: "soft", text: word("noCanned") })
        : el(
            "li",
            {
              id: `canned-${row.index}`,
              role: "option",
              "data-role": "canned",
              "aria-selected": String(row.chosen),
              on: { mousedown: (event) => event.preventDefault(), click: () => choose(row.index) },
            },
            el("strong", { text: `/${row.shortcut}` }),
            el("span", { class: "soft cut", text: row.text }),
          ),
  );
  if (fitting.length) box.setAttribute("aria-activedescendant", `canned-${chosen}`);
  list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
}

function choose(index) {
  const canned = fitting[index];
  if (!canned) return;
  put(filled(canned.text));
  close();
}

/* True where the key was meant for the list. */
export function key(event) {
  if (!isOpen()) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && fitting.length) {
    chosen = (chosen + step + fitting.length) % fitting.length;
    draw();
  } else if ((event.key === "Enter" || event.key === "Tab") && fitting.length) choose(chosen);
  else if (event.key === "Escape") close();
  else return false;
  event.preventDefault();
  return true;
}

export function begin(write) {
  put = write;
  byId("box").addEventListener("blur", close);
}
