// The conversation on the screen: what is read of it, when, and what is ordered in it.

import { ApiError, conversationPath as at, get, post } from "./api.js";
import { refreshLists } from "./lists.js";
import { desk, isMine, oneAtATime, tell } from "./state.js";

const PAGE = 60,
  NEWEST = "999999999999999";

/* `problem`: why a command was refused. `inFlight`: what the last one said; null before one. */
function blank(id) {
  return {
    id,
    conversation: null,
    messages: [],
    older: false,
    log: [],
    notes: [],
    context: null,
    problem: null,
    inFlight: null,
    busy: false,
    ready: false,
  };
}

const movers = [];
/* Told where the open conversation became another: from which id to which. */
export const whenMerged = (act) => movers.push(act);

export async function openConversation(id) {
  if (desk.open?.id === id) return;
  desk.open = id ? blank(id) : null;
  tell();
  if (id) await refreshOpen().catch((error) => failed(id, error));
}

function failed(id, error) {
  if (desk.open?.id !== id) return;
  desk.open.problem = error;
  tell();
}

/* A status may change on any message, so the newest page is read as a whole; older ones stay as they are. */
export const refreshOpen = oneAtATime(async () => {
  const open = desk.open;
  if (!open) return;
  const [conversation, messages, log, notes] = await Promise.all([
    get(at(open.id)),
    get(at(open.id, `/messages?before=${NEWEST}&limit=${PAGE}`)),
    get(at(open.id, "/log")),
    get(at(open.id, "/notes")),
  ]);
  if (open !== desk.open) return;
  const first = messages.items[0]?.id ?? 0;
  const earlier = open.messages.filter((each) => each.id < first);
  if (!open.ready) open.older = messages.items.length === PAGE;
  if (open.id !== conversation.id) becomes(open, conversation.id);
  Object.assign(open, {
    conversation,
    messages: [...earlier, ...messages.items],
    log: log.items,
    notes: notes.items,
    ready: true,
  });
  tell();
  seen(open);
  const context = await get(at(open.id, "/context")).catch(() => null);
  if (open !== desk.open) return;
  open.context = context ?? open.context;
  open.contextFailed = context === null;
  tell();
});

/* Two turned out to be one, and this is the other: what was typed, and the address, go along. */
function becomes(open, id) {
  for (const move of movers) move(open.id, id);
  open.id = id;
  history.replaceState(null, "", `#${id}`);
}

export async function readOlder() {
  const open = desk.open;
  const { items } = await get(at(open.id, `/messages?before=${open.messages[0].id}&limit=${PAGE}`));
  open.messages = [...items, ...open.messages];
  open.older = items.length === PAGE;
  tell();
}

/* What its owner looks at is read; a look at what waits, or at what another has, changes nothing for them. */
async function seen(open) {
  const ours = isMine(open.conversation) || open.conversation.state === "bot";
  if (!ours || !(open.conversation.unread > 0) || document.visibilityState !== "visible") return;
  open.conversation.unread = 0;
  await post(at(open.id, "/read")).catch(() => {});
  refreshLists().catch(() => {});
}

export const refreshAll = () => Promise.all([refreshLists(), refreshOpen()]);

/* After a command. Where somebody was quicker, who that was is known once it is read anew. */
export async function lookAgain(refusal) {
  await refreshAll().catch(() => {});
  if (refusal?.code !== "moved" || !desk.open?.conversation) return;
  refusal.facts.owner ??= desk.open.conversation.owner;
  tell();
}

/* The ownership number these were decided on goes along: whoever was slower is told who was quicker. */
const DECIDED = new Set(["take", "reply"]);

export async function order(command, body = {}, { id = desk.open.id, path = at(id, `/${command}`) } = {}) {
  const open = desk.open?.id === id ? desk.open : null;
  const ownership = DECIDED.has(command) && open?.conversation ? { ownership: open.conversation.ownership } : {};
  const done = await post(path, { ...ownership, ...body });
  if (open) {
    open.inFlight = done.in_flight ?? null;
    open.problem = null;
    for (const name of ["state", "owner", "status", "ownership", "thread"])
      if (done[name] !== undefined) open.conversation[name] = done[name];
  }
  return done;
}

/* One at a time, whatever is clicked meanwhile; a refusal is shown beside the buttons. */
export async function command(name, body, options) {
  const open = desk.open;
  if (!open || open.busy) return;
  Object.assign(open, { busy: true, problem: null });
  tell();
  try {
    await order(name, body, options);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    open.problem = error;
  } finally {
    open.busy = false;
    tell();
  }
  await lookAgain(open.problem);
}
