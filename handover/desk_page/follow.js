// Following what happens: by the feed, or by one long request after another where no socket gets through. While there is
// no server the page says so, and keeps trying.

import { call, get } from "./api.js";
import { sound } from "./alarm.js";
import { refreshOpen } from "./conversation.js";
import { byId } from "./element.js";
import * as feed from "./feed.js";
import { refreshLists } from "./lists.js";
import { desk, tell, watch } from "./state.js";
import { refreshAgents } from "./silence.js";
import { refreshAccounts } from "./stopped.js";
import { word } from "./texts.js";

const WAIT_S = 20,
  FIRST_PAUSE_MS = 1000,
  LONGEST_PAUSE_MS = 30000,
  ABOUT_PEOPLE = new Set(["operator", "handover"]);
let turn = 0; // goes up when somebody signs in or out: an older loop ends by itself
let hurry = () => {};
let waiting = new AbortController(); // the socket, or the long request, that is under way

export async function readMe() {
  desk.me = await get("/me");
  tell();
}

/* All is read after the place in the notices is known, so that nothing falls between. */
async function readAll() {
  const { last } = await get("/notices");
  await Promise.all([readMe(), refreshAgents(), refreshAccounts(), refreshLists(), refreshOpen()]);
  return last;
}

/* Until the line ends; where to go on. */
async function live(after) {
  waiting = new AbortController();
  const mine = turn;
  const take = (items) => mine === turn && happened(items).catch(() => waiting.abort());
  return (await feed.follow(after, { ready: reached, take, signal: waiting.signal })) ?? readAll();
}

async function next(after) {
  waiting = new AbortController();
  const { items, last, anew } = await call("GET", `/notices?after=${after}&wait=${WAIT_S}`, undefined, {
    deadlineMs: (WAIT_S + 15) * 1000,
    stop: waiting,
  });
  if (anew) return readAll(); // what came next is not kept, or a backup was restored
  if (items.length) await happened(items);
  return last;
}

async function happened(items) {
  const opened = items.some(
    ({ conversation_id: id, facts }) => !id || [id, facts?.was].includes(desk.open?.id), // it may have become another
  );
  await Promise.all([
    refreshLists(),
    opened && refreshOpen(),
    items.some((notice) => notice.kind === "agent") && refreshAgents(),
    items.some((notice) => notice.kind === "account") && refreshAccounts(),
    items.some((notice) => ABOUT_PEOPLE.has(notice.kind)) && readMe(),
  ]);
  sound(items);
}

export async function follow() {
  const mine = ++turn;
  let place = null,
    pause = FIRST_PAUSE_MS;
  while (mine === turn) {
    try {
      place = place === null ? await readAll() : await (feed.canFollow() ? live : next)(place);
      if (mine !== turn) return;
      pause = FIRST_PAUSE_MS;
      reached();
    } catch (error) {
      if (mine !== turn || error.status === 401) return;
      desk.retryAt = Date.now() + pause;
      tell();
      await rest(pause);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      place = null; // what came meanwhile is seen by reading everything
    }
  }
}

function reached() {
  if (!desk.retryAt) return;
  desk.retryAt = 0;
  tell();
}

export const stop = () => {
  turn += 1;
  waiting.abort();
};

function rest(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    hurry = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function draw() {
  byId("offline").hidden = !desk.retryAt;
  byId("offline-text").textContent = desk.retryAt
    ? word("offline", Math.max(1, Math.ceil((desk.retryAt - Date.now()) / 1000)))
    : "";
}

export function begin() {
  byId("try-now").addEventListener("click", () => hurry());
  window.addEventListener("online", () => hurry());
  window.addEventListener("offline", () => waiting.abort()); // its answer would not come; better to say so now
  setInterval(() => {
    if (desk.retryAt) draw();
  }, 1000);
  setInterval(() => {
    if (desk.me && !desk.retryAt) tell();
  }, 20000); // times that pass: waiting, the window
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && desk.me) refreshOpen()?.catch(() => {});
  });
  watch(draw);
}
