// The files that go with a reply: chosen, shown with their size, uploaded when it is sent.

import { upload } from "./api.js";
import { button, byId, el, show } from "./element.js";
import { desk, tell } from "./state.js";
import { language, word } from "./texts.js";
import { size } from "./times.js";

const MOST = 10;
const chosen = new Map(); // by conversation: [{key, file, id}]; `id` once the API has it
let counted = 0;

const of = (conversation) => chosen.get(conversation) ?? [];
export const someOf = (conversation) => of(conversation).length > 0;

export function forget(conversation) {
  if (conversation) chosen.delete(conversation);
  else chosen.clear();
}

export function moved(from, to) {
  const both = [...of(to), ...of(from)].slice(0, MOST);
  chosen.delete(from);
  if (both.length) chosen.set(to, both);
}

function add(files) {
  const { id } = desk.open;
  const more = [...files].map((file) => ({ key: ++counted, file, id: null }));
  chosen.set(id, [...of(id), ...more].slice(0, MOST));
  tell();
}

function remove(conversation, key) {
  const left = of(conversation).filter((each) => each.key !== key);
  chosen.set(conversation, left);
  tell();
  byId("attach").focus();
}

/* The ids of all of them; one that was uploaded before is not uploaded again. */
export async function uploaded(conversation) {
  const files = of(conversation);
  const path = `/media?conversation=${encodeURIComponent(conversation)}`;
  for (const each of files) each.id ??= (await upload(path, each.file)).id;
  return files.map((each) => each.id);
}

/* `closed`: no file may go now. */
export function draw(conversation, closed) {
  byId("attach").hidden = byId("attached").hidden = closed;
  const looks = ({ key, file }) => ({ key, conversation, name: file.name, size: file.size, language: language() });
  show(byId("attached"), of(conversation).map(looks), (each) => each.key, chip);
}

function chip({ key, conversation, name, size: bytes }) {
  return el(
    "li",
    { class: "chip", "data-role": "attached", "data-look": "tag" },
    el("span", { class: "cut", text: `${name} · ${size(bytes)}` }),
    button("×", () => remove(conversation, key), { class: "icon", "aria-label": word("detach", name) }),
  );
}

export function begin() {
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", () => {
    add(byId("file").files);
    byId("file").value = "";
    byId("box").focus();
  });
}

