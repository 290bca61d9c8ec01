/* One message, as its network draws it. `chat` is whose it is: it knows what was answered, and does what is pressed. */
import { attachmentsOf, buttonsOf, textOf } from "./attachments.js";
import { clock, drawing, el, icon, keepInside, richText } from "./dom.js";
import { LOOKS } from "./networks.js";
import { word } from "./words.js";

const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

export function bubble(chat, item) {
  const quoted = item.reply_to ? chat.items.get(item.reply_to) : null;
  const choose = (button) => chat.say({ button: { id: button.id, title: button.title }, reply_to: item.id });
  const inside = el("div", { class: "bubble" },
    item.view.persona ? el("strong", { class: "persona", "data-role": "persona", text: item.view.persona }) : null,
    quoted && el("div", { class: "quote", text: quoted.text || word(quoted.kind) }),
    item.view.header ? el("h3", { text: item.view.header }) : null,
    ...(item.view.unsent ? [] : attachmentsOf(item, choose)),
    textOf(item),
    item.kind === "interactive" && item.view.link ? el("div", {}, ...richText(item.view.link)) : null,
    item.view.footer ? el("p", { class: "footer", text: item.view.footer }) : null,
    meta(chat, item));
  const given = Object.values(item.reactions).join(" ");
  return el("div", { class: "message", "data-message": item.id, "data-by": item.by, "data-kind": item.kind, "data-status": item.status,
    "data-elsewhere": item.view.elsewhere },
    inside, given ? el("span", { class: "reactions", text: given }) : null, choices(chat, item, choose),
    item.status === "refused" ? el("span", { class: "problem", text: `${word("retry")}: ${item.problem}` }) : null,
    item.by === "business" ? hands(chat, item) : ownHands(chat, item));
}

function meta(chat, item) {
  const where = item.view.elsewhere === "phone" && LOOKS[chat.network].inbox ? "inbox" : item.view.elsewhere;
  const before = [where ? word(where) : "", item.view.edits ? word("edited") : ""].filter(Boolean).map((text) => `${text} · `).join("");
  return el("div", { class: "meta" }, el("span", { text: before + clock(item.at_ms) }),
    item.by === "customer" ? ticks(chat.network, item.status) : null);
}

function choices(chat, item, choose) {
  // A template's buttons stay; WhatsApp's are pressed once.
  const used = chat.network === "whatsapp" && chat.answered.has(item.id);
  if (item.view.buttons && item.view.buttons.length) return buttonsOf(item.view.buttons, choose, used);
  if (!item.view.list) return null;
  return el("div", { class: "choices" }, el("button", { type: "button", "data-role": "open-list", text: `☰ ${item.view.list.button}`,
    on: { click: (e) => openSheet(chat, item, e.currentTarget) } }));
}

/* Only under the newest message, and gone once it is not. */
export function quickReplies(chat, item) {
  return el("div", { class: "quick", role: "group", "aria-label": word("quickReplies") },
    ...item.view.quick_replies.map((reply) => el("button", { type: "button", "data-role": "choice", "data-id": reply.id, text: reply.title,
      on: { click: () => chat.say({ quick_reply: { id: reply.id, title: reply.title }, reply_to: item.id }) } })));
}

function hand(role, name, act) {
  return el("button", { type: "button", "data-role": role, "aria-label": word(role), title: word(role), on: { click: act } }, icon(name));
}

function hands(chat, item) {
  const react = () => {
    const node = chat.messages.querySelector(`[data-message="${CSS.escape(item.id)}"]`);
    const open = node.querySelector(".emojis");
    if (open) { open.remove(); return; }
    const give = (emoji) => chat.say({ reaction: { message_id: item.id, emoji: item.reactions.customer === emoji ? "" : emoji } });
    node.append(el("div", { class: "emojis" }, ...EMOJIS.map((emoji) => el("button", { type: "button", "data-role": "emoji",
      "data-emoji": emoji, text: emoji, on: { click: () => give(emoji) } }))));
    node.querySelector(".emojis button").focus();
  };
  return el("div", { class: "hands" }, hand("react", "smile", react), hand("quote", "quote", () => chat.answer(item)));
}

function ownHands(chat, item) {
  if (!LOOKS[chat.network].unsend || item.view.unsent || !["delivered", "read"].includes(item.status)) return null;
  return el("div", { class: "hands own" }, hand("unsend", "bin", () => chat.say({ unsend: { message_id: item.id } })));
}

/* WhatsApp has ticks, Messenger circles, Instagram a word once it was seen. */
function ticks(network, status) {
  if (status === "refused") return el("span", { class: "refused", "data-role": "ticks", "aria-label": word("refused"), text: "!" });
  const said = { "data-role": "ticks", role: "img", "aria-label": word(status) || status, title: word(status) || status };
  if (network === "instagram") return el("span", { ...said, text: status === "read" ? word("seen") : "" });
  if (network === "messenger") return el("span", { ...said, class: `circle ${status}` }, drawing("M3 6.5l2.2 2.2L9 4.5", "0 0 12 12"));
  const path = status === "sending" ? "M5 6l3 3 6-7" : "M1 6l3 3 6-7M8 8.5l.6.5 6-7";
  return el("span", said, drawing(path, "0 0 17 11", `ticks ${status === "read" ? "read" : ""}`));
}

function openSheet(chat, item, opener) {
  const close = () => { sheet.remove(); opener.isConnected ? opener.focus() : chat.input.focus(); };
  const choose = (row) => {
    sheet.remove();
    const { id, title, description } = row;
    chat.say({ list: description ? { id, title, description } : { id, title }, reply_to: item.id });
    chat.input.focus();
  };
  const rows = item.view.list.sections.flatMap((section) => [
    section.title ? el("h4", { text: section.title }) : null,
    ...section.rows.map((row) => el("button", { type: "button", class: "option", "data-role": "row", "data-id": row.id,
      on: { click: () => choose(row) } }, el("strong", { text: row.title }),
      row.description ? el("small", { text: row.description }) : null)),
  ]);
  const sheet = el("div", { class: "sheet", "data-role": "sheet", role: "dialog", "aria-modal": "true", "aria-label": item.view.list.button,
    on: { keydown: (e) => { if (e.key === "Escape") close(); else keepInside(e, sheet); },
      click: (e) => { if (e.target === sheet) close(); } } },
    el("div", {}, el("header", {}, el("strong", { text: item.view.list.button }),
      el("button", { type: "button", "data-role": "close-sheet", "aria-label": word("close"), text: "✕", on: { click: close } })),
    ...rows.filter(Boolean)));
  chat.screen.append(sheet);
  sheet.querySelector(".option").focus();
}
