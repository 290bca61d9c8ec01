// The lists: who waits, what is mine, everything, what is done with. A row is a link, so the keyboard works by itself.

import { get } from "./api.js";
import { byId, el, show } from "./element.js";
import { channelChip, face } from "./faces.js";
import { channelName, contactName, standing } from "./names.js";
import { desk, oneAtATime, tell, watch, zoneOf } from "./state.js";
import { known, language, word } from "./texts.js";
import { brief, secondsSince, span } from "./times.js";

const PAGE = 50;
const ended = (conversation) => conversation.status === "closed" || conversation.status === "resolved";

function address(query, after) {
  const facts = new URLSearchParams({
    ...query,
    limit: PAGE,
    ...(desk.account && { account: desk.account }),
    ...(after && { after }),
  });
  return `/conversations?${facts}`;
}

const READ = {
  queue: async () => (await get(`/queue${desk.account ? `?account=${encodeURIComponent(desk.account)}` : ""}`)).items,
  mine: async () => (await page("mine", { owner: desk.me.name })).filter((each) => !ended(each)),
  all: () => page("all", {}),
  closed: async () => {
    const both = await Promise.all(["resolved", "closed"].map((status) => page("closed", { status })));
    return both
      .flat()
      .sort((a, b) => (b.last_inbound_at ?? b.created_at).localeCompare(a.last_inbound_at ?? a.created_at));
  },
};

async function page(name, query) {
  const { items, next } = await get(address(query));
  desk.next[name] = name === "all" ? next : null;
  return items;
}

/* The queue and mine always, for their counts; what else is on the screen too. */
export const refreshLists = oneAtATime(async () => {
  const names = new Set(["queue", "mine", desk.tab]);
  await Promise.all(
    [...names].map(async (name) => {
      desk.lists[name] = await READ[name]();
    }),
  );
  tell();
});

async function showMore() {
  const { items, next } = await get(address({}, desk.next.all));
  desk.lists.all = [...desk.lists.all, ...items];
  desk.next.all = next;
  tell();
}

export function choose(tab) {
  desk.tab = tab;
  tell();
  refreshLists().catch(() => {});
}

function row(conversation) {
  const stand = standing(conversation),
    waits = conversation.state === "pending" && conversation.waiting_since;
  const name = contactName(conversation),
    last = conversation.last_message;
  const priority = conversation.request?.state === "pending" ? conversation.request.priority : null;
  return el(
    "li",
    {},
    el(
      "a",
      {
        href: `#${conversation.id}`,
        "data-role": "row",
        "data-conversation": conversation.id,
        "data-priority": priority,
        "data-state": conversation.state,
        "aria-current": conversation.current ? "true" : undefined,
      },
      el(
        "span",
        { class: "line" },
        face(conversation),
        el("strong", { class: "cut", text: name }),
        el("span", { class: "soft time", text: conversation.time }),
      ),
      el(
        "span",
        { class: "line" },
        el("span", { class: "soft cut", text: lastWords(last) }),
        conversation.unread > 0 &&
          el("span", { class: "count", text: conversation.unread, "aria-label": word("unread", conversation.unread) }),
      ),
      el(
        "span",
        { class: "chips" },
        channelChip(conversation),
        el("span", { class: "chip", "data-look": stand.look, text: stand.text }),
        (priority === "urgent" || priority === "high") &&
          el("span", { class: "chip", "data-look": priority, text: word(priority) }),
        waits && el("span", { class: "soft", text: word("waits", conversation.waited) }),
        conversation.several && el("span", { class: "soft cut", text: conversation.account_name }),
        (conversation.tags ?? []).map((tag) => el("span", { class: "chip", "data-look": "tag", text: tag })),
      ),
    ),
  );
}

const kindWord = (kind) => (known(`kind_${kind}`) ? word(`kind_${kind}`) : `[${kind}]`);

function lastWords(last) {
  if (last?.removed_at) return word("removed");
  return last?.text || (last ? kindWord(last.kind) : "");
}

/* A row as it looks now; what is not on it must not have it made anew. */
function looks(conversation) {
  const zone = zoneOf(conversation),
    last = conversation.last_message;
  return {
    ...conversation,
    window: undefined,
    next_toucher: undefined,
    several: desk.accounts.size > 1,
    language: language(),
    time: brief(last?.at ?? conversation.last_inbound_at ?? conversation.created_at, zone),
    waited: conversation.waiting_since && span(secondsSince(conversation.waiting_since)),
    current: desk.open?.id === conversation.id,
    me: desk.me.name,
  };
}

function draw() {
  for (const node of byId("tabs").children) {
    const name = node.dataset.tab,
      list = desk.lists[name];
    node.setAttribute("aria-pressed", String(name === desk.tab));
    const count =
      name === "queue"
        ? list?.length
        : name === "mine"
          ? list?.reduce((sum, each) => sum + (each.unread > 0 ? 1 : 0), 0)
          : 0;
    node.querySelector(".count").textContent = count || "";
    node.querySelector(".count").hidden = !count;
  }
  const list = desk.lists[desk.tab];
  show(byId("rows"), (list ?? []).map(looks), (each) => each.id, row);
  byId("list-empty").textContent =
    list === null
      ? word("loading")
      : word({ queue: "emptyQueue", mine: "emptyMine", all: "emptyAll", closed: "emptyClosed" }[desk.tab]);
  byId("list-empty").hidden = Boolean(list?.length);
  byId("more").hidden = !(desk.tab === "all" && desk.next.all);
  const waiting = desk.lists.queue?.length;
  document.title = (waiting ? `(${waiting}) ` : "") + word("title");
  drawAccounts();
}

function drawAccounts() {
  const select = byId("account");
  byId("account-field").hidden = desk.accounts.size < 2;
  const options = [
    { id: "", name: word("everyAccount") },
    ...[...desk.accounts.values()].map(({ id, name, provider_id, channel }) => ({
      id,
      name: `${name || provider_id} · ${channelName(channel)}`,
    })),
  ];
  show(
    select,
    options,
    (each) => each.id,
    (each) => el("option", { value: each.id, text: each.name }),
  );
  select.value = desk.account;
}

/* Up and down go through the rows, as in any list of mail. */
function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...byId("rows").querySelectorAll("a")];
  rows[rows.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

export function begin() {
  for (const node of byId("tabs").children) node.addEventListener("click", () => choose(node.dataset.tab));
  byId("rows").addEventListener("keydown", arrows);
  byId("more").addEventListener("click", () => showMore().catch(() => {}));
  byId("account").addEventListener("change", (event) => {
    desk.account = event.target.value;
    refreshLists().catch(() => {});
  });
  watch(draw);
}
