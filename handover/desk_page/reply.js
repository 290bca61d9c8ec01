// The box below the transcript: a reply or a note. What is typed is kept until it has certainly arrived.

import * as attach from "./attach.js";
import { maySendTemplate } from "./beginning.js";
import * as canned from "./canned.js";
import { conversationPath as at, post } from "./api.js";
import { lookAgain, order, refreshOpen, whenMerged } from "./conversation.js";
import { byId } from "./element.js";
import { draft, hasArrived, keepDraft, keepOnItsWay, moveDraft, onItsWay } from "./kept.js";
import { firstName, personName } from "./names.js";
import { desk, isMine, tell, watch, zoneOf } from "./state.js";
import { known, word } from "./texts.js";
import { secondsSince, span, when } from "./times.js";

const SOON_S = 2 * 3600;
const kinds = new Map(); // by conversation: reply or note
const underWay = new Set(); // the conversations in which something is being sent now
const troubles = new Map(); // by conversation: how the last sending went wrong
const comments = new Map(); // by conversation: the comment that is being answered in private
let shownBox = ""; // whose draft is in the box

const kindOf = (id) => kinds.get(id) ?? "reply";
const box = () => byId("box");

/* Why no reply may be written here, in words; null where one may. */
function barrier(conversation) {
  const shut = !windowOpen(conversation) && !asAPerson(conversation) && !comments.has(conversation.id);
  if (shut) return conversation.window.closes_at ? ruleWord(conversation) : neverWord(conversation);
  if (conversation.state === "human" && !isMine(conversation) && conversation.owner !== "phone")
    return word("theirs", personName(conversation.owner));
  return null;
}

const neverWord = ({ channel }) => word(channel === "whatsapp" ? "neverWroteTemplate" : "neverWrote");

function ruleWord({ channel, window }) {
  const key = `windowClosed_${channel}`;
  return known(key) ? word(key) : word("windowClosed_other", window.rule.number);
}

const toCome = (iso) => Boolean(iso) && secondsSince(iso) < 0;
export const windowOpen = (conversation) => toCome(conversation.window.closes_at);
const asAPerson = (conversation) => toCome(conversation.window.human_until);

/* The window is about to close, or it has, and what a person writes goes under Meta's tag for people. */
const soon = ({ id, window }) => -secondsSince(window.closes_at ?? 0) < SOON_S && !comments.has(id);

function hint(conversation, kind) {
  if (kind === "note") return word("noteHint");
  const { closes_at, human_until } = conversation.window;
  if (soon(conversation))
    return windowOpen(conversation)
      ? word("windowSoon", span(-secondsSince(closes_at)))
      : word("asAPerson", when(human_until, zoneOf(conversation)));
  return isMine(conversation) ? word("replyHint") : `${word("replyTakes")} ${word("replyHint")}`;
}

function draw() {
  const open = desk.open,
    conversation = open?.conversation;
  byId("composer").hidden = !open?.ready;
  if (!open?.ready) return;
  const kind = kindOf(open.id),
    closed = kind === "reply" ? barrier(conversation) : null,
    sending = underWay.has(open.id);
  changeBox(`${kind}.${open.id}`, draft(open.id, kind));
  for (const node of byId("kinds").children) node.setAttribute("aria-pressed", String(node.dataset.kind === kind));
  byId("composer").dataset.kind = kind;
  box().disabled = Boolean(closed);
  box().readOnly = sending;
  box().placeholder = closed
    ? ""
    : kind === "note"
      ? word("notePlaceholder")
      : word("replyTo", firstName(conversation));
  box().setAttribute(
    "aria-label",
    kind === "note" ? word("notePlaceholder") : word("replyTo", firstName(conversation)),
  );
  byId("send").disabled = Boolean(closed) || sending;
  byId("send").textContent = word(sending ? "sendingNow" : kind === "note" ? "saveNote" : "send");
  byId("rule").textContent = closed ?? "";
  byId("rule").hidden = !closed;
  byId("hint-text").textContent = closed ? "" : hint(conversation, kind);
  byId("keys").textContent = closed || byId("hint").dataset.soon === "true" ? "" : word("keysHint");
  byId("hint").dataset.soon = String(!closed && kind === "reply" && soon(conversation));
  const comment = kind === "reply" ? comments.get(open.id) : null;
  byId("about").hidden = !comment;
  byId("about-text").textContent = comment ? word("answersComment", comment.text ?? "") : "";
  attach.draw(open.id, Boolean(closed || comment) || kind === "note" || sending);
  drawTemplate(conversation, kind);
  const trouble = troubles.get(open.id);
  byId("box-problem").textContent = trouble?.kind === kind ? trouble.text() : "";
}

/* Outside the window it is the one thing to be sent, and looks so. */
function drawTemplate(conversation, kind) {
  const shut = !windowOpen(conversation),
    theirs = conversation.state === "human" && !isMine(conversation) && conversation.owner !== "phone";
  byId("template").hidden = kind === "note" || theirs || !maySendTemplate(conversation);
  byId("template").classList.toggle("strong", shut);
  byId("template").textContent = word(shut ? "sendTemplate" : "template");
}

function changeBox(whose, text) {
  if (whose === shownBox) return;
  shownBox = whose;
  box().value = text;
  fit();
  canned.close();
}

/* The box grows with its text; the style sheet says how far. */
function fit() {
  box().rows = Math.min(8, Math.max(2, box().value.split("\n").length));
}

function typed() {
  const { id } = desk.open;
  keepDraft(id, kindOf(id), box().value);
  fit();
  if (kindOf(id) === "reply") canned.look(box().value);
}

function put(text) {
  box().value = text;
  typed();
  box().focus();
}

/* The text of a failed message, to be sent once more by hand. What stands in the box already is not lost. */
export function putBack(text) {
  kinds.set(desk.open.id, "reply");
  draw();
  put(box().value.trim() ? `${box().value}\n${text}` : text);
  tell();
}

/* A second click, a second Enter: nothing, until the first has its answer. */
async function send() {
  const open = desk.open,
    kind = kindOf(open.id),
    text = box().value.trim();
  const files = kind === "reply" && !comments.has(open.id) && attach.someOf(open.id);
  if ((!text && !files) || underWay.has(open.id) || box().disabled) return box().focus();
  underWay.add(open.id);
  troubles.delete(open.id);
  if (kind === "reply") keepOnItsWay(open.id, { text, since: open.messages.at(-1)?.id ?? 0 });
  tell();
  let refusal = null;
  try {
    if (kind === "note") await post(at(open.id, "/notes"), { text });
    else await order("reply", { text, ...(await more(open.id, files)) }, { id: open.id });
    arrived(open.id, kind);
  } catch (error) {
    refusal = error;
    const unsure = kind === "reply" && error.status === 0;
    if (!unsure) {
      hasArrived(open.id);
      troubles.set(open.id, { kind, text: () => word("notSent", error.told ?? String(error)) });
    }
  } finally {
    underWay.delete(open.id);
    tell();
  }
  await lookAgain(refusal);
}

/* What goes with the words: files, or which comment they answer. */
async function more(id, files) {
  const comment = comments.get(id);
  if (comment) return { comment: comment.id };
  return files ? { media: await attach.uploaded(id) } : {};
}

/* The next reply goes to whoever wrote this comment, and to nobody else. */
export function privately(comment) {
  kinds.set(desk.open.id, "reply");
  comments.set(desk.open.id, comment);
  tell();
  queueMicrotask(() => box().focus());
}

function notPrivately() {
  comments.delete(desk.open.id);
  tell();
}

function arrived(id, kind) {
  keepDraft(id, kind, "");
  troubles.delete(id);
  if (kind === "reply") {
    hasArrived(id);
    comments.delete(id);
    attach.forget(id);
  }
  if (shownBox === `${kind}.${id}`) {
    box().value = "";
    fit();
  }
}

/* The answer to a reply got lost: where the transcript has it, it was sent and leaves the box; else nobody knows yet. */
function settleUnsure() {
  const open = desk.open,
    unsure = open?.ready && !underWay.has(open.id) && onItsWay(open.id);
  if (!unsure) return;
  const isIt = (each) => each.id > unsure.since && each.operator === desk.me.name;
  const says = (each) => (unsure.text ? each.text?.includes(unsure.text.slice(0, 80)) : each.files?.length > 0);
  const there = open.messages.some((each) => isIt(each) && says(each));
  if (!there) troubles.set(open.id, { kind: "reply", text: () => word("unsure") });
  else if (draft(open.id, "reply").trim() === unsure.text) arrived(open.id, "reply");
  else {
    hasArrived(open.id);
    troubles.delete(open.id);
  }
}

function keys(event) {
  if (canned.key(event)) return;
  const touch = matchMedia("(pointer: coarse)").matches; // there Enter is the only way to break a line
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || (touch && !event.ctrlKey && !event.metaKey))
    return;
  event.preventDefault();
  send();
}

function chooseKind(kind) {
  kinds.set(desk.open.id, kind);
  tell();
  queueMicrotask(() => box().focus());
}

function moved(from, to) {
  for (const kind of ["reply", "note"]) moveDraft(from, to, kind);
  for (const each of [kinds, troubles, comments])
    if (each.has(from)) {
      each.set(to, each.get(from));
      each.delete(from);
    }
  if (underWay.delete(from)) underWay.add(to);
  if (onItsWay(from)) keepOnItsWay(to, onItsWay(from));
  hasArrived(from);
  attach.moved(from, to);
}

export function forget() {
  for (const each of [kinds, underWay, troubles, comments]) each.clear();
  attach.forget();
  shownBox = "";
}

export function begin() {
  for (const node of byId("kinds").children) node.addEventListener("click", () => chooseKind(node.dataset.kind));
  box().addEventListener("input", typed);
  box().addEventListener("keydown", keys);
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  byId("about-not").addEventListener("click", notPrivately);
  attach.begin();
  canned.begin(put);
  whenMerged(moved);
  watch(settleUnsure);
  watch(draw);
  window.addEventListener("online", () => refreshOpen()?.catch(() => {}));
}
