/* Files, templates and cards inside a bubble. Only pictures that this machine serves are drawn. */
import { el, icon, richText } from "./dom.js";
import { word } from "./words.js";

const CARDS = [
  "image", "video", "audio", "document", "file", "sticker", "location", "contacts", "template", "share", "unsupported", "raw", "attachment",
  "referral", "optin", "linking", "comment", "story_reply", "story_mention",
  "voice", "order", "flow", "call_permission", "forwarded", "product", "group", "number_change", "id_change", "identity_change", "unknown",
];

/* What stands above a message's text; `choose` is called with a button that was pressed. */
export function attachmentsOf(item, choose) {
  const { cards, attachments, template } = item.view;
  if (cards) return [el("div", { class: "cards", tabindex: "0" }, ...cards.map((card) => cardOf(card, choose)))];
  if (attachments && attachments.length) return attachments.map((one) => file(item, one));
  if (item.kind === "sticker" && item.text) return [el("span", { class: "heart", text: item.text })];
  if (template === "button" || !CARDS.includes(item.kind) && item.text) return [];
  return [note(word(item.kind) || item.kind, item.view.link, item.view.filename)];
}

export function textOf(item) {
  if (item.view.unsent) return el("div", { class: "text gone", "data-role": "text", text: word("unsent") });
  const named = item.text === `[${item.kind}]`; // the card above says it in words
  const said = item.view.cards || (item.kind === "sticker" && item.text) || named ? "" : item.text;
  return el("div", { class: "text", "data-role": "text" }, ...richText(said));
}

export function buttonsOf(buttons, choose, used = false) {
  return el("div", { class: "choices" }, ...buttons.map((b) => b.id === undefined
    ? el("a", { class: "button", href: b.url || undefined, target: "_blank", rel: "noopener noreferrer", text: `${b.title} ↗` })
    : el("button", { type: "button", disabled: used, "data-role": "choice", "data-id": b.id, text: b.title, on: { click: () => choose(b) } })));
}

function cardOf(card, choose) {
  return el("div", { class: "template-card", "data-role": "card" }, card.image ? picture(card.image) : null,
    el("strong", { text: card.title }), card.subtitle ? el("p", { text: card.subtitle }) : null,
    card.buttons.length ? buttonsOf(card.buttons, choose) : null);
}

function file(item, { type, url }) {
  const seen = ["image", "sticker", "story_mention"].includes(type) && isOwn(url);
  return seen ? picture(url) : note(word(type) || word(item.kind) || type, url, item.view.filename);
}

function picture(url) {
  const none = el("div", { class: "picture none", role: "img", "aria-label": word("image") }, icon("paper"));
  if (!isOwn(url)) return none;
  const img = el("img", { class: "picture", src: url, alt: word("image"), "data-role": "picture", on: { error: () => img.replaceWith(none) } });
  return img;
}

function isOwn(url) { return typeof url === "string" && url.startsWith(`${location.origin}/`); }

function note(label, url, filename) {
  const link = /^https?:\/\//.test(url || "")
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: filename || word("open") })
    : filename || "";
  return el("div", { class: "card" }, icon("paper"), el("strong", { text: label }), link);
}
