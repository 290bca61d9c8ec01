// What this page knows. Whoever changes it says `tell()`, and all that is drawn from it is drawn anew, once.

export const desk = {
  me: null, // {name, role, presence, capacity, load}
  accounts: new Map(), // by id: name, channel, time zone
  agents: [],
  canned: [],
  tab: "queue",
  account: "", // the account the lists are narrowed to
  lists: { queue: null, mine: null, all: null, closed: null }, // null: not read yet
  next: {}, // where a list goes on
  open: null, // the conversation on the screen; see conversation.js
  retryAt: 0, // while the server can't be reached: when it is tried again
};

const watchers = [];
let waiting = false;

export const watch = (draw) => watchers.push(draw);

export function tell() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    if (desk.me) for (const draw of watchers) draw();
  });
}

const RANK = { operator: 0, supervisor: 1, admin: 2 };
export const atLeast = (role) => RANK[desk.me?.role] >= RANK[role];

export const zoneOf = (conversation) => desk.accounts.get(conversation?.account_id)?.time_zone;
export const isMine = (conversation) => conversation?.state === "human" && conversation.owner === desk.me.name;

/* A conversation as some list has it. */
export function found(id) {
  if (desk.open?.id === id && desk.open.conversation) return desk.open.conversation;
  for (const list of Object.values(desk.lists)) {
    const conversation = list?.find((each) => each.id === id);
    if (conversation) return conversation;
  }
  return null;
}

/* Runs `work` at once, and once more afterwards if it was asked for meanwhile: never two of it side by side. */
export function oneAtATime(work) {
  let running = null,
    again = false;
  const run = async () => {
    do {
      again = false;
      await work();
    } while (again);
  };
  return () => {
    if (running) again = true;
    else
      running = run().finally(() => {
        running = null;
      });
    return running;
  };
}
