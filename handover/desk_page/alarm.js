// Sound, the browser's notification, and the words for a screen reader: that somebody waits, wrote, or was not reached.

import { byId } from "./element.js";
import { keepTaste, taste } from "./kept.js";
import { contactName, firstName } from "./names.js";
import { desk, found, isMine } from "./state.js";
import { reasonWord, word } from "./texts.js";

let sounds = null; // an AudioContext; browsers give one only after the page was touched

export const soundIsOn = () => taste("sound", "on") === "on";
export const setSound = (on) => keepTaste("sound", on ? "on" : "off");

export function wakeSound() {
  sounds ??= window.AudioContext ? new AudioContext() : null;
  if (sounds?.state === "suspended") sounds.resume().catch(() => {});
}

/* Two soft tones up for somebody who waits, one for a message, two down for what failed. */
const TONES = { waits: [660, 880], message: [740], failed: [520, 390] };

export function ring(kind) {
  byId("desk").dataset.rang = kind;
  if (!soundIsOn() || sounds?.state !== "running") return;
  TONES[kind].forEach((pitch, index) => {
    const start = sounds.currentTime + index * 0.18,
      tone = sounds.createOscillator(),
      volume = sounds.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
    tone.connect(volume).connect(sounds.destination);
    tone.start(start);
    tone.stop(start + 0.4);
  });
}

/* "granted", "denied", "default", or "never" where this browser has none. */
export const permission = () =>
  "Notification" in window && window.isSecureContext ? Notification.permission : "never";
export const askPermission = () => Notification.requestPermission();

/* What the customer wrote stays off the screen of a locked phone: a name and a reason is all. */
function notify(conversation, text) {
  if (permission() !== "granted" || (document.visibilityState === "visible" && document.hasFocus())) return;
  try {
    const reason = conversation.request?.state === "pending" ? reasonWord(conversation.request.reason) : "";
    const note = new Notification(text, {
      body: [conversation.account_name, reason].filter(Boolean).join(" · "),
      tag: conversation.id,
      icon: "/desk/icon.svg",
      lang: document.documentElement.lang,
    });
    note.onclick = () => {
      window.focus();
      location.hash = conversation.id;
      note.close();
    };
  } catch {
    /* Chrome on Android only lets service workers do it; there the sound has to do */
  }
}

/* Which kind of alarm a notice is, with its words; null for what needs none. */
function alarmOf({ kind, facts }, conversation) {
  const looking = desk.open?.id === conversation.id && document.visibilityState === "visible" && document.hasFocus();
  if (kind === "handover" && facts.state === "pending")
    return desk.lists.queue?.some((each) => each.id === conversation.id) ? ["waits", "inQueue"] : null;
  if (
    kind === "handover" &&
    isMine(conversation) &&
    ["transfer", "approve", "inbound"].includes(facts.command) &&
    facts.by !== desk.me.name
  )
    return ["waits", "givenToYou"];
  if (!isMine(conversation)) return null;
  if (kind === "failed") return ["failed", "sendFailed"];
  if (kind === "message" && facts.direction === "inbound" && !looking) return ["message", "wroteToYou"];
  return null;
}

/* After the lists are fresh: one sound for a batch, the gravest; one notification for each conversation. */
export function sound(notices) {
  const told = new Map();
  for (const notice of notices) {
    const conversation = notice.conversation_id && found(notice.conversation_id);
    const alarm = conversation && alarmOf(notice, conversation);
    if (alarm) told.set(conversation.id, { conversation, alarm });
  }
  for (const {
    conversation,
    alarm: [, key],
  } of told.values()) {
    const text = word(key, firstName(conversation));
    announce(word(key, contactName(conversation)));
    notify(conversation, text);
  }
  const kinds = [...told.values()].map(({ alarm: [kind] }) => kind);
  const gravest = ["waits", "failed", "message"].find((kind) => kinds.includes(kind));
  if (gravest) ring(gravest);
}

export function announce(text) {
  const region = byId("announce");
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

export const permissionWord = () =>
  word({ granted: "notifyOn", denied: "notifyDenied", never: "notifyNever" }[permission()] ?? "notifyOff");
