// Which app Meta lets write: told beside who of ours answers, never mixed with it. Take it back, let it go, pass it on.

import { command } from "./conversation.js";
import { ask, button, byId, el } from "./element.js";
import { desk, watch } from "./state.js";
import { word } from "./texts.js";

const WITH_THREADS = new Set(["messenger", "instagram"]);
const INBOXES = new Set(["inbox", "263902037430900", "1217981644879628"]);
const UNNAMED = "app";

const order = (control, more = {}) => command("thread", { control, ...more });

function ownerWord(owner) {
  if (INBOXES.has(owner)) return word("metaInbox");
  return owner === UNNAMED ? word("app") : word("appNumber", owner);
}

/* For the menu of commands: what can be ordered while nobody else has the thread. */
export function threadCommands(conversation) {
  if (!WITH_THREADS.has(conversation.channel) || conversation.thread?.owner) return [];
  return [
    ["thread-pass", word("threadPass"), passOn],
    ["thread-release", word("threadRelease"), () => order("release")],
  ];
}

function passOn() {
  ask({
    title: word("threadPassAsk"),
    text: word("threadPassText"),
    yes: word("threadPassYes"),
    no: word("cancel"),
    act: () => order("pass", { app: "inbox" }),
  });
}

function draw() {
  const open = desk.open,
    owner = open?.conversation?.thread?.owner,
    line = byId("thread");
  line.hidden = !owner;
  if (!owner) return line.replaceChildren();
  const take = button(word("threadTake"), () => order("take"), {
    class: "small",
    "data-role": "command-thread-take",
    disabled: open.busy,
  });
  const held = line.contains(document.activeElement);
  line.replaceChildren(el("span", { text: word("elsewhere", ownerWord(owner)) }), " ", take);
  if (held) take.focus();
}

export function begin() {
  watch(draw);
}
