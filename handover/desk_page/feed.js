// The feed's socket: what happens, as it happens; and who else types in the conversation on the screen, or looks at it.

import { ApiError } from "./api.js";
import { byId } from "./element.js";
import { token } from "./kept.js";
import { desk, tell, watch } from "./state.js";
import { language, word } from "./texts.js";

const GATHER_MS = 150,
  PING_MS = 20000,
  DEAF_MS = 50000,
  TYPES_MS = 6000,
  SAY_TYPING_MS = 3000,
  WITHOUT_MS = 60000,
  STOPS = 1001,
  TRY_AGAIN = 1013,
  NOT_GOOD = 4401;
let line = null; // the socket that is ready
let withoutUntil = 0; // a way between here and there lets no socket through: long requests do meanwhile
let saidViewing = null,
  saidTypingAt = 0;
const looks = new Map(), // by operator: the conversation they look at
  types = new Map(); // by operator: where, and until when that holds

export const canFollow = () => Date.now() >= withoutUntil;

const say = (message) => line?.readyState === WebSocket.OPEN && line.send(JSON.stringify(message));

/* Follows after this event until the line ends; `take` is given what came, in lists. Gives where to go on: null, by
   reading everything. Fails where the line was cut. */
export function follow(after, { ready, take, signal }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
    let last = after,
      heardAt = Date.now(),
      opened = false,
      anew = false,
      gathered = [];
    const pass = () => {
      const items = gathered;
      gathered = [];
      take(items);
    };
    const heard = {
      ready() {
        opened = true;
        line = socket;
        saidViewing = null;
        ready();
        tell();
      },
      event(told) {
        last = told.id;
        if (!gathered.length) setTimeout(pass, GATHER_MS);
        gathered.push({ ...told, conversation_id: told.conversation });
      },
      reset() {
        anew = true;
        socket.close();
      },
      presence({ operator, viewing }) {
        if (viewing) looks.set(operator, viewing);
        else looks.delete(operator);
        tell();
      },
      typing({ operator, conversation }) {
        types.set(operator, { conversation, until: Date.now() + TYPES_MS });
        setTimeout(tell, TYPES_MS + 50);
        tell();
      },
    };
    const pinging = setInterval(() => {
      if (Date.now() - heardAt > DEAF_MS) socket.close();
      else if (opened) socket.send('{"type":"ping"}');
    }, PING_MS);
    signal.addEventListener("abort", () => socket.close(), { once: true });
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: token(), after, language: language() }));
    socket.onmessage = ({ data }) => {
      heardAt = Date.now();
      const told = JSON.parse(data);
      heard[told.type]?.(told);
    };
    socket.onclose = ({ code }) => {
      clearInterval(pinging);
      if (line === socket) line = null;
      looks.clear();
      types.clear();
      if (anew) resolve(null);
      else if (opened && code === STOPS) resolve(last);
      else if (opened || code === NOT_GOOD || code === TRY_AGAIN || signal.aborted) reject(new ApiError("unreachable", "", 0));
      else {
        withoutUntil = Date.now() + WITHOUT_MS;
        resolve(after);
      }
    };
  });
}

function sayWhatIsOnTheScreen() {
  const viewing = document.visibilityState === "visible" ? (desk.open?.id ?? null) : null;
  if (!line || viewing === saidViewing) return;
  saidViewing = viewing;
  say({ type: "viewing", conversation: viewing });
}

function sayTyping() {
  if (!desk.open || Date.now() - saidTypingAt < SAY_TYPING_MS) return;
  saidTypingAt = Date.now();
  say({ type: "typing", conversation: desk.open.id });
}

const names = (operators) => operators.filter((name) => name !== desk.me.name).join(", ");

function draw() {
  sayWhatIsOnTheScreen();
  const id = desk.open?.id,
    now = Date.now(),
    typing = names([...types].filter(([, each]) => each.conversation === id && each.until > now).map(([name]) => name)),
    looking = names([...looks].filter(([, viewing]) => viewing === id).map(([name]) => name));
  const text = typing ? word("typesHere", typing) : looking ? word("looksHere", looking) : "";
  const shown = byId("others-here");
  shown.hidden = !id || !text;
  if (shown.textContent !== text) shown.textContent = text;
}

export function begin() {
  byId("composer").addEventListener("input", sayTyping);
  document.addEventListener("visibilitychange", sayWhatIsOnTheScreen);
  watch(draw);
}
