// Files of a conversation: pictures are shown, sounds and films played, everything else is saved. The bytes come from
// the API with the operator's token, and are here in memory alone: no address of theirs works for anybody else.

import { bytes } from "./api.js";
import { button, el } from "./element.js";
import { known, word } from "./texts.js";
import { size } from "./times.js";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const LARGEST_SHOWN = 20_000_000;
const kept = new Map(); // by path: a promise of the file's address in this page

function addressOf(path) {
  if (!kept.has(path)) {
    const made = bytes(path).then((blob) => URL.createObjectURL(blob));
    made.catch(() => kept.delete(path));
    kept.set(path, made);
  }
  return kept.get(path);
}

/* When somebody signs out, nothing of a customer's stays. */
export function forget() {
  for (const made of kept.values()) made.then(URL.revokeObjectURL, () => {});
  kept.clear();
}

/* A picture, once it is here; nothing in its place where it can't be had. */
export function picture(path, alt, attributes = {}) {
  const node = el("img", { alt, ...attributes, hidden: true });
  node.addEventListener("load", () => (node.hidden = false));
  addressOf(path).then(
    (address) => (node.src = address),
    () => {},
  );
  return node;
}

const pathOf = (file) => `/media/${file.id}`;
const nameOf = (file) => file.name || word(known(`kind_${file.kind}`) ? `kind_${file.kind}` : "file");
const about = (file) => [nameOf(file), file.size && size(file.size)].filter(Boolean).join(" · ");

export function fileView(file) {
  if (file.state !== "stored")
    return el("p", { class: "file soft", "data-role": "file", "data-state": file.state, text: missing(file) });
  const family = file.type?.split("/")[0],
    shown = PICTURES.has(file.type) && file.size <= LARGEST_SHOWN;
  return el(
    "div",
    { class: "file", "data-role": "file", "data-state": "stored", "data-type": file.type },
    shown && picture(pathOf(file), nameOf(file), { "data-role": "picture" }),
    (family === "audio" || family === "video") && player(file, family),
    keeper(file),
  );
}

const MISSING = { wanted: "fileWanted", removed: "fileRemoved", failed: "fileFailed" };
const missing = (file) => word(MISSING[file.state] ?? "fileFailed", nameOf(file));

/* Fetched when somebody wants to hear or see it, and not before. */
function player(file, family) {
  const name = word(family === "audio" ? "playAudio" : "playVideo");
  const play = button(name, start, { class: "small", "data-role": "play" });
  async function start() {
    play.disabled = true;
    try {
      const node = el(family, { controls: true, src: await addressOf(pathOf(file)), "aria-label": nameOf(file) });
      play.replaceWith(node);
      node.focus();
      node.play().catch(() => {});
    } catch {
      Object.assign(play, { disabled: false, textContent: word("fileUnreachable") });
    }
  }
  return play;
}

/* Saved under its name: the browser is given a file, never a page of ours. */
function keeper(file) {
  const label = word("saveFile", about(file));
  const save = button(about(file), keep, { class: "small", "data-role": "save", "aria-label": label });
  async function keep() {
    save.disabled = true;
    try {
      const link = el("a", { href: await addressOf(pathOf(file)), download: file.name || `${file.kind}-${file.id}` });
      link.click();
    } catch {
      save.textContent = word("fileUnreachable");
    }
    save.disabled = false;
  }
  return save;
}
