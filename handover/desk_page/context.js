// What somebody who takes over must know at once: why, what the model thought and how sure it was, what failed, time left.

import { call, conversationPath as at } from "./api.js";
import { refreshAll } from "./conversation.js";
import { button, byId, el, show } from "./element.js";
import { capital, channelName, languageName, personName, userName } from "./names.js";
import { optedPart } from "./opted.js";
import { windowOpen } from "./reply.js";
import { desk, tell, watch, zoneOf } from "./state.js";
import { language, reasonWord, word } from "./texts.js";
import { secondsSince, span, when } from "./times.js";

const percent = (share) => `${Math.round((share ?? 0) * 100)} %`;
const written = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : String(value));
const isSomething = (value) =>
  value !== null && value !== undefined && value !== false && value !== "" && !(Array.isArray(value) && !value.length);

function facts(conversation, context) {
  const zone = zoneOf(conversation),
    request = conversation.request ?? context?.request;
  const left = -secondsSince(conversation.window.closes_at ?? 0),
    person = conversation.window.human_until;
  return [
    request && [word("why"), capital(reasonWord(request.reason ?? context?.reason ?? ""))],
    request && [word("priority"), word(request.priority)],
    request && [word("asked"), when(request.created_at, zone)],
    request?.state === "pending" && request.expires_at && [word("expires"), when(request.expires_at, zone)],
    [word("channel"), channelName(conversation.channel)],
    userName(conversation) && [word("userName"), userName(conversation)],
    [word("window"), windowOpen(conversation) ? word("left", span(left)) : word("windowOver")],
    person && secondsSince(person) < 0 && [word("personUntil"), when(person, zone)],
    (context?.language ?? conversation.language) && [
      word("customerLanguage"),
      languageName(context?.language ?? conversation.language),
    ],
    context?.previous_owner && [word("previousOwner"), personName(context.previous_owner)],
    isSomething(context?.rating) && [
      word("rating"),
      typeof context.rating === "object" ? `${context.rating.score ?? "–"} / 5` : `${context.rating} / 5`,
    ],
    ...(context?.summary_lines ?? []).map((line) => ["", line]),
  ].filter(Boolean);
}

const definitions = (pairs) =>
  el(
    "dl",
    {},
    pairs.map(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })]),
  );

function guess({ name, confidence }) {
  return el(
    "li",
    { class: "line" },
    el("span", { class: "cut", text: name }),
    el("meter", { min: 0, max: 1, value: confidence ?? 0, "aria-hidden": "true" }),
    el("span", { class: "soft", text: percent(confidence) }),
  );
}

function thought(each) {
  const ranking = each.ranking?.length ? each.ranking : [{ name: each.intent, confidence: each.confidence }];
  return el(
    "li",
    { "data-role": "understood" },
    el("q", { text: each.text ?? "" }),
    el("ol", { class: "plain" }, ranking.filter((one) => one.name).map(guess)),
  );
}

const section = (title, body, role) =>
  el(
    "section",
    { "data-role": role },
    el("h3", { text: title }),
    body ?? el("p", { class: "soft", text: word("nothing") }),
  );

function parts(conversation, context) {
  const zone = zoneOf(conversation);
  const slots = Object.entries(context?.slots ?? {}).filter(([, value]) => isSomething(value));
  return [
    {
      key: "facts",
      make: () => el("section", { "data-role": "facts" }, definitions(facts(conversation, context))),
      seen: facts(conversation, context),
    },
    optedPart(conversation),
    context?.understood?.length > 0 && {
      key: "understood",
      seen: context.understood,
      make: () =>
        section(word("understood"), el("ul", { class: "plain" }, context.understood.map(thought)), "understood-all"),
    },
    slots.length > 0 && {
      key: "slots",
      seen: slots,
      make: () => section(word("slots"), definitions(slots.map(([name, value]) => [name, written(value)])), "slots"),
    },
    context?.failed?.length > 0 && {
      key: "failed",
      seen: context.failed,
      make: () =>
        section(
          word("failedThings"),
          el(
            "ul",
            { class: "plain bad" },
            context.failed.map((each) =>
              el("li", {
                text: [each.what, each.at && when(each.at, zone), each.cure ?? each.detail].filter(Boolean).join(" · "),
              }),
            ),
          ),
          "failed",
        ),
    },
  ].filter(Boolean);
}

function draw() {
  const open = desk.open;
  if (!open?.conversation) return;
  const { conversation, context } = open;
  byId("context-problem").textContent = open.contextFailed ? word("contextFailed") : "";
  show(
    byId("facts"),
    parts(conversation, context).map((part) => ({ ...part, language: language() })),
    (part) => part.key,
    (part) => part.make(),
  );
  show(
    byId("tags"),
    (conversation.tags ?? []).map((tag) => ({ tag, id: open.id, language: language() })),
    (each) => each.tag,
    ({ tag, id }) =>
      el(
        "li",
        { class: "chip", "data-role": "tag", "data-look": "tag" },
        tag,
        button("×", () => change(() => call("DELETE", tagPath(id, tag))), {
          class: "icon",
          "aria-label": word("removeTag", tag),
        }),
      ),
  );
}

const tagPath = (id, tag) => at(id, `/tags/${encodeURIComponent(tag)}`);

async function change(act) {
  const open = desk.open;
  try {
    await act();
    await refreshAll();
  } catch (error) {
    open.problem = error;
    tell();
  }
}

function add(event) {
  event.preventDefault();
  const tag = byId("new-tag").value.trim(),
    { id } = desk.open;
  if (!tag) return;
  byId("new-tag").value = "";
  change(() => call("PUT", tagPath(id, tag), {}));
}

export function begin() {
  byId("tag-form").addEventListener("submit", add);
  watch(draw);
}
