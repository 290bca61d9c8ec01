// The transcript: every line with who wrote it, why the assistant was silent, what became of it; commands and notes between.

import { conversationPath as at, call } from "./api.js";
import { readOlder, refreshOpen } from "./conversation.js";
import { ask, button, byId, el, linked, show } from "./element.js";
import { authorName, contactName, personName } from "./names.js";
import { putBack } from "./reply.js";
import { said } from "./said.js";
import { atLeast, desk, watch, zoneOf } from "./state.js";
import { known, language, reasonWord, silenceWord, word } from "./texts.js";
import { clock, day, exact, sameDay } from "./times.js";

const BAD = new Set(["failed", "unknown", "expired"]);
const CLOSED = new Set(["customer_service_window", "standard_messaging_window"]);
let shownId = null,
  reached = 0,
  atEnd = true,
  sizes = "";

/* Messages stand in their own order (Meta tells whole seconds only), commands and notes between them by their times;
   nothing older than the oldest message read, unless that is the first. */
function lines(open) {
  const from = open.older ? Date.parse(open.messages[0]?.at) : 0;
  let reachedAt = 0;
  const spoken = open.messages.map((message) => {
    reachedAt = Math.max(reachedAt, Date.parse(message.at));
    return { type: "message", key: `m${message.id}`, at: message.at, place: reachedAt, message };
  });
  const logged = open.log
    .filter(
      (each) => each.command !== "inbound" || each.before !== each.after || each.status_before !== each.status_after,
    )
    .map((entry) => ({ type: "log", key: `l${entry.id}`, at: entry.at, place: Date.parse(entry.at), entry }));
  const noted = open.notes.map((note) => ({
    type: "note",
    key: `n${note.id}`,
    at: note.at,
    place: Date.parse(note.at),
    note,
  }));
  return [...logged, ...spoken, ...noted].filter((each) => each.place >= from).sort((a, b) => a.place - b.place);
}

function withDays(all, zone) {
  const out = [];
  all.forEach((line, index) => {
    if (index === 0 || !sameDay(all[index - 1].at, line.at, zone))
      out.push({ type: "day", key: `d${line.at.slice(0, 10)}${line.key}`, at: line.at });
    out.push(line);
  });
  return out;
}

const time = (iso, zone) => el("time", { datetime: iso, title: exact(iso, zone), text: clock(iso, zone) });

function draw() {
  const open = desk.open,
    box = byId("transcript");
  byId("older").hidden = !open?.older;
  if (!open?.ready) {
    shownId = null;
    box.replaceChildren();
    return;
  }
  const fresh = shownId !== open.id;
  if (fresh) box.replaceChildren();
  const scroller = byId("scroller");
  atEnd ||= fresh;
  const zone = zoneOf(open.conversation),
    first = open.messages[0]?.id,
    height = scroller.scrollHeight;
  box.setAttribute("aria-busy", String(fresh)); // a whole conversation is not read aloud when it is opened
  const looks = withDays(lines(open), zone).map((line) => ({
    ...line,
    language: language(),
    name: contactName(open.conversation),
    zone,
  }));
  show(box, looks, (line) => line.key, make);
  if (fresh) requestAnimationFrame(() => box.setAttribute("aria-busy", "false"));
  if (atEnd) toEnd();
  else if (first !== reached) scroller.scrollTop += scroller.scrollHeight - height; // older ones came above: what was read stays in place
  [shownId, reached] = [open.id, first];
}

function make(line) {
  if (line.type === "day") return el("li", { class: "day", text: day(line.at, line.zone) });
  if (line.type === "log") return logLine(line);
  if (line.type === "note") return noteLine(line);
  return messageLine(line);
}

function messageLine({ message, zone }) {
  const inbound = message.direction === "inbound",
    bad = BAD.has(message.status);
  const look = inbound
    ? "contact"
    : message.author === "operator" && ["phone", "app"].includes(message.operator)
      ? "phone"
      : message.author;
  return el(
    "li",
    {
      class: "message",
      "data-role": "line",
      "data-look": look,
      "data-author": message.author,
      "data-status": message.status,
    },
    el(
      "div",
      { class: "bubble" },
      el(
        "p",
        { class: "meta" },
        el("strong", { "data-role": "author", text: authorName(message, desk.open.conversation) }),
        " ",
        time(message.at, zone),
      ),
      said(message, desk.open.conversation, zone),
      !inbound && !bad && state(message),
    ),
    inbound && message.answered_with && el("p", { class: "aside faint", "data-role": "together", text: word("answeredTogether") }),
    inbound && heard(message),
    bad && trouble(message),
  );
}

/* How far it came: marks for the eye, the word for everybody. */
const MARKS = { sent: "✓", delivered: "✓✓", read: "✓✓" };
function state(message) {
  const { status } = message,
    mark = MARKS[status];
  return el(
    "p",
    { class: "state soft", "data-role": "status" },
    mark && el("span", { class: "mark", "data-look": status, "aria-hidden": "true", text: mark }),
    [statusWord(message), billed(message.pricing)].filter(Boolean).join(" · "),
  );
}

/* What answers within the window is no news; a template's price is. */
function billed(pricing) {
  const category = typeof pricing?.category === "string" ? pricing.category : "service";
  if (category === "service") return "";
  if (pricing.billable === false || String(pricing.type).startsWith("free")) return word("notBilled");
  return word("billed", known(`category_${category}`) ? word(`category_${category}`) : category);
}

function statusWord({ status, error }) {
  if (status === "withdrawn" && CLOSED.has(error)) return word("withheld");
  return known(status) ? word(status) : status;
}

/* Beside what the customer wrote: what the assistant made of it, or why it made nothing. */
function heard(message) {
  const silent = message.verdict && message.verdict !== "ANSWER";
  if (silent)
    return el("p", {
      class: "aside",
      "data-role": "silence",
      text: word("silentBecause", silenceWord(message.reason)),
    });
  if (!message.intent) return null;
  return el("p", {
    class: "aside faint",
    text: word("understoodAs", message.intent, `${Math.round((message.confidence ?? 0) * 100)} %`),
  });
}

/* What became of it, and what helps: the API says that in the reader's language. Meta's number is for whoever asks. */
function trouble(message) {
  const number = /(?:^|\()(\d+)/.exec(message.error ?? "")?.[1];
  return el(
    "div",
    { class: message.status === "unknown" ? "trouble unsure" : "trouble", "data-role": "trouble", role: "note" },
    el("strong", { text: word(message.status) + (number ? ` (${number})` : "") }),
    message.cure && el("span", { "data-role": "cure", text: message.cure }),
    message.author === "operator" &&
      message.text &&
      message.kind !== "template" &&
      button(word("tryAgain"), () => putBack(message.text), { class: "small", "data-role": "put-back" }),
  );
}

function logLine({ entry, zone }) {
  const key = `log_${entry.command}`,
    who = personName(entry.by);
  const to = entry.owner_after
    ? personName(entry.owner_after, true)
    : entry.after === "pending"
      ? word("theQueue")
      : word("theAssistant");
  const text = known(key) ? word(key, who, to, personName(entry.owner_before, true)) : `${who}: ${entry.command}`;
  const why = entry.reason ? ` (${reasonWord(entry.reason)})` : "";
  return el(
    "li",
    { class: "log soft", "data-role": "log", "data-command": entry.command },
    `${text}${why} · `,
    time(entry.at, zone),
  );
}

function noteLine({ note, zone }) {
  const remove = () =>
    ask({
      title: word("deleteNoteAsk"),
      text: note.text,
      yes: word("deleteYes"),
      no: word("cancel"),
      danger: true,
      act: async () => {
        await call("DELETE", at(desk.open.id, `/notes/${note.id}`));
        await refreshOpen();
      },
    });
  const mayDelete = note.by === desk.me.name || atLeast("supervisor");
  return el(
    "li",
    { class: "message", "data-role": "note", "data-look": "note" },
    el(
      "div",
      { class: "bubble" },
      el(
        "p",
        { class: "meta" },
        el("strong", { text: word("noteBy", personName(note.by, true)) }),
        " ",
        time(note.at, zone),
        mayDelete &&
          button("×", remove, { class: "icon", "aria-label": word("deleteNote"), title: word("deleteNote") }),
      ),
      el("p", { class: "text" }, linked(note.text)),
    ),
  );
}

const sizesOf = (scroller) => `${scroller.scrollHeight} ${scroller.clientHeight}`;

function toEnd() {
  const scroller = byId("scroller");
  scroller.scrollTop = scroller.scrollHeight;
  sizes = sizesOf(scroller);
}

/* Who is at the end stays there, whatever grows or shrinks; who has scrolled up stays where they are. */
function holdTheEnd() {
  const scroller = byId("scroller");
  scroller.addEventListener("scroll", () => {
    if (atEnd && sizes !== sizesOf(scroller)) return; // it was the page that moved, not the reader
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  });
  const grown = new ResizeObserver(() => {
    if (atEnd) toEnd();
    sizes = sizesOf(scroller);
  });
  grown.observe(scroller);
  grown.observe(byId("transcript"));
}

export function begin() {
  holdTheEnd();
  byId("older").addEventListener("click", () => readOlder().catch(() => {}));
  watch(draw);
}
