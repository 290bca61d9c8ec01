// You: signing in and out, presence, language, sound, notifications.

import * as alarm from "./alarm.js";
import * as canned from "./canned.js";
import { get, patch, post, whenTokenIsRefused } from "./api.js";
import { refreshAll } from "./conversation.js";
import * as door from "./door.js";
import { follow, readMe, stop } from "./follow.js";
import { ask, byId } from "./element.js";
import { forgetDrafts, forgetToken, token, tokenEnds } from "./kept.js";
import * as files from "./files.js";
import { forget } from "./reply.js";
import { desk, tell, watch } from "./state.js";
import { choose, errorWord, language, word } from "./texts.js";

let opened = () => {};

export async function enter() {
  await readMe();
  const accounts = (await get("/accounts")).items;
  desk.accounts = new Map(accounts.map((each) => [each.id, each]));
  await canned.read().catch(() => {});
  byId("sign-in").hidden = true;
  byId("desk").hidden = false;
  follow();
  opened();
  tell();
}

export function showSignIn(problem = "") {
  stop();
  Object.assign(desk, {
    me: null,
    open: null,
    agents: [],
    canned: [],
    lists: { queue: null, mine: null, all: null, closed: null },
    next: {},
    retryAt: 0,
    account: "",
  });
  forget();
  files.forget();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  byId("desk").hidden = true;
  byId("sign-in").hidden = false;
  byId("sign-in-problem").textContent = problem;
  document.title = word("title");
  door.showWay();
}

function signOut() {
  const owned = desk.me.load ?? 0;
  if (owned)
    ask({
      title: word("signOutAsk"),
      text: word("signOutOwned", owned),
      yes: word("signOut"),
      no: word("cancel"),
      act: leave,
    });
  else leave();
}

async function leave() {
  if (token()) await patch("/me", { presence: "offline" }).catch(() => {});
  if (tokenEnds()) await post("/sign-out").catch(() => {}); // a token that was pasted is for other days too
  forgetToken();
  forgetDrafts();
  location.hash = "";
  showSignIn();
}

async function setPresence(event) {
  const presence = event.target.value;
  try {
    await patch("/me", { presence });
    desk.me.presence = presence;
  } catch (error) {
    alarm.announce(errorWord(error));
  }
  tell();
}

async function turnOnNotifications() {
  if (alarm.permission() === "default") await alarm.askPermission();
  tell();
}

function speak(name) {
  choose(name);
  for (const node of document.querySelectorAll("[data-language]"))
    node.setAttribute("aria-pressed", String(node.dataset.language === language()));
  if (desk.me) refreshAll().catch(() => {}); // some words come from the server, in the language asked for
  tell();
}

function draw() {
  const { me } = desk;
  byId("me").textContent = me.name;
  byId("my-load").textContent = me.capacity === undefined ? "" : word("load", me.load ?? 0, me.capacity);
  byId("presence").value = me.presence;
  byId("presence").dataset.look = me.presence;
  byId("sound").textContent = word(alarm.soundIsOn() ? "soundOn" : "soundOff");
  byId("sound").setAttribute("aria-pressed", String(alarm.soundIsOn()));
  byId("notify").textContent = alarm.permissionWord();
  byId("notify").disabled = alarm.permission() !== "default";
}

export function begin(whenOpened) {
  opened = whenOpened;
  whenTokenIsRefused(() => {
    if (!desk.me) return;
    forgetToken();
    showSignIn(word("tokenEnded"));
  });
  door.begin();
  byId("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    alarm.wakeSound();
    door.signIn(enter);
  });
  byId("sign-out").addEventListener("click", signOut);
  byId("presence").addEventListener("change", setPresence);
  byId("notify").addEventListener("click", turnOnNotifications);
  byId("sound").addEventListener("click", () => {
    alarm.setSound(!alarm.soundIsOn());
    alarm.wakeSound();
    if (alarm.soundIsOn()) alarm.ring("message");
    tell();
  });
  document.addEventListener("pointerdown", alarm.wakeSound, { once: true });
  document.addEventListener("keydown", alarm.wakeSound, { once: true });
  for (const node of document.querySelectorAll("[data-language]"))
    node.addEventListener("click", () => speak(node.dataset.language));
  watch(draw);
  return speak;
}
