// The conversation's head: who has it, and the commands that fit where it stands.

import { command } from "./conversation.js";
import { approve, reject, takeFrom, transfer } from "./deciding.js";
import { button, byId, el, show } from "./element.js";
import { channelChip, face } from "./faces.js";
import { capital, contactName, standing, userName } from "./names.js";
import { optedChip } from "./opted.js";
import { atLeast, desk, isMine, watch, zoneOf } from "./state.js";
import { language, reasonWord, word } from "./texts.js";
import { threadCommands } from "./thread.js";
import { secondsSince, span, tomorrowAt, when, zoneName } from "./times.js";

const mayOrder = (conversation) =>
  conversation.state !== "human" || isMine(conversation) || conversation.owner === "phone" || atLeast("supervisor");
const ended = (conversation) => ["resolved", "closed"].includes(conversation.status);

/* [name, words, what it does, how it looks], the ones wanted most first: the rest goes under "More". */
function commandsFor(conversation) {
  const mine = isMine(conversation),
    human = conversation.state === "human",
    may = mayOrder(conversation),
    over = ended(conversation);
  const pending = conversation.state === "pending" && conversation.request?.state === "pending";
  const zone = zoneOf(conversation),
    open = !over;
  return {
    first: [
      !human && ["take", word("take"), () => command("take"), "strong"],
      human && !mine && conversation.owner === "phone" && ["take", word("take"), () => command("take"), "strong"],
      human &&
        !mine &&
        conversation.owner !== "phone" &&
        atLeast("supervisor") && ["take", word("takeFrom", conversation.owner), () => takeFrom(conversation.owner)],
      open && may && human && ["release", word("release"), () => command("release"), mine ? "strong" : ""],
      open && may && ["transfer", word("transfer"), () => transfer()],
      over && ["reopen", word("reopen"), () => command("reopen")],
    ],
    rest: [
      mine && ["release-answer", word("releaseAnswer"), () => command("release", { answer_last: true })],
      open && conversation.state === "pending" && ["release", word("release"), () => command("release")],
      pending && ["approve", word("approve"), () => approve(conversation.request.id)],
      pending && ["reject", word("reject"), () => reject(conversation.request.id)],
      !human && !pending && open && ["request", word("request"), () => command("request")],
      mine && ["snooze-30", word("snooze30"), () => command("snooze", { minutes: 30 })],
      mine && ["snooze-120", word("snooze120"), () => command("snooze", { minutes: 120 })],
      mine && ["snooze-tomorrow", word("snoozeTomorrow"), () => command("snooze", { until: tomorrowAt(9, zone) })],
      may && conversation.status === "snoozed" && ["reopen", word("wake"), () => command("reopen")],
      may && open && ["resolve", word("resolve"), () => command("resolve")],
      may && conversation.status !== "closed" && ["close", word("close"), () => command("close")],
      ...threadCommands(conversation),
    ],
  };
}

function draw() {
  const open = desk.open,
    conversation = open?.conversation;
  byId("nothing-open").hidden = Boolean(open);
  byId("opened").hidden = !open;
  byId("context").hidden = !open;
  if (!open) return;
  byId("open-name").textContent = conversation ? contactName(conversation) : word("loading");
  byId("command-problem").textContent = open.problem?.told ?? "";
  byId("commands").hidden = !conversation;
  drawInFlight(open);
  if (conversation) drawHead(open, conversation);
}

function drawHead(open, conversation) {
  const stand = standing(conversation),
    zone = zoneOf(conversation),
    request = conversation.request;
  show(byId("open-face"), [{ contact: conversation.contact }], () => conversation.id, face);
  const waits = conversation.state === "pending";
  byId("standing").replaceChildren(
    el("span", {
      class: "chip",
      "data-role": "owner",
      "data-state": conversation.state,
      "data-status": conversation.status,
      "data-look": stand.look,
      text: stand.text,
    }),
    conversation.status === "snoozed" && conversation.snoozed_until
      ? el("span", { class: "soft", text: word("snoozedUntil", when(conversation.snoozed_until, zone)) })
      : "",
    waits && conversation.queue_place
      ? el("span", { class: "soft", text: word("place", conversation.queue_place) })
      : "",
    channelChip(conversation),
    optedChip(conversation),
    el("span", {
      class: "soft cut",
      text: [conversation.contact?.name && userName(conversation), conversation.account_name, zoneName(zone)]
        .filter(Boolean)
        .join(" · "),
    }),
  );
  const why =
    waits &&
    [
      request && ["urgent", "high"].includes(request.priority) && word(request.priority),
      conversation.nobody_answers ? word("nobodyAnswers") : request?.reason && capital(reasonWord(request.reason)),
      conversation.waiting_since && word("waits", span(secondsSince(conversation.waiting_since))),
    ]
      .filter(Boolean)
      .join(" · ");
  byId("why").textContent = why || "";
  byId("why").dataset.priority = request?.priority ?? "";
  const { first, rest } = commandsFor(conversation);
  const looks = (all) =>
    all
      .filter(Boolean)
      .map(([name, text, act, look = ""]) => ({
        name,
        text,
        look,
        busy: open.busy,
        act,
        version: [conversation.id, conversation.ownership, conversation.request?.id, language()],
      }));
  show(byId("first-commands"), looks(first), (each) => each.name, commandButton);
  show(byId("rest-commands"), looks(rest), (each) => each.name, commandButton);
  byId("rest").hidden = !byId("rest-commands").children.length;
}

function commandButton({ name, text, look, busy, act }) {
  const run = () => {
    byId("rest").open = false;
    act();
  };
  return button(text, run, { class: look || undefined, disabled: busy, "data-role": `command-${name}` });
}

function drawInFlight(open) {
  const line = byId("in-flight");
  line.hidden = open.inFlight === null;
  line.dataset.count = open.inFlight ?? "";
  line.textContent =
    open.inFlight === null ? "" : open.inFlight > 0 ? word("inFlight", open.inFlight) : word("noneInFlight");
}

export function begin() {
  byId("rest").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    byId("rest").open = false;
    byId("rest").querySelector("summary").focus();
  });
  byId("rest").addEventListener("focusout", (event) => {
    if (event.relatedTarget && !byId("rest").contains(event.relatedTarget)) byId("rest").open = false;
  });
  watch(draw);
}
