// Writing first: a template to who is open here, or to a number that has never written. Each is sent once.

import { call, conversationPath as at } from "./api.js";
import { lookAgain } from "./conversation.js";
import { ask, byId, el } from "./element.js";
import { refreshLists } from "./lists.js";
import { desk, watch } from "./state.js";
import { picker } from "./templates.js";
import { word } from "./texts.js";

const ours = () => [...desk.accounts.values()].filter((each) => each.channel === "whatsapp" && each.active);

/* Whoever tries again after a broken line sends nothing twice: the same words go under the same key. */
function once() {
  let last = "",
    key = "";
  return (body) => {
    const said = JSON.stringify(body);
    if (said !== last) key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    last = said;
    return { headers: { "Idempotency-Key": key } };
  };
}

/* A lost answer is told as what it is here: trying again is safe. */
async function sent(path, body, keyOf) {
  try {
    return await call("POST", path, body, keyOf(body));
  } catch (error) {
    if (error.status !== 0) throw error;
    throw Object.assign(new Error(word("tryAgainSafely")), { told: word("tryAgainSafely") });
  }
}

/* Where a person may send one now. */
export const maySendTemplate = (conversation) =>
  conversation?.channel === "whatsapp" && conversation.may_send?.includes("template");

export function sendTemplate() {
  const open = desk.open,
    { account_id } = open.conversation,
    templates = picker(),
    keyOf = once();
  let { ownership } = open.conversation; // the same for whoever tries again after a broken line: that is once
  ask({
    title: word("sendTemplate"),
    parts: templates.parts,
    yes: word("send"),
    no: word("cancel"),
    wide: true,
    act: async () => {
      const body = { template: templates.chosen() };
      let refusal = null;
      try {
        await sent(at(open.id, "/messages"), { ...body, ownership }, keyOf);
      } catch (error) {
        refusal = error;
        throw error;
      } finally {
        lookAgain(refusal).then(() => {
          if (refusal?.status) ({ ownership } = open.conversation);
        });
      }
    },
  });
  templates.of(account_id);
  templates.focus();
}

function newConversation() {
  const accounts = ours(),
    templates = picker(),
    keyOf = once();
  const account = el(
    "select",
    { "data-role": "begin-account", on: { change: () => templates.of(account.value) } },
    accounts.map((each) => el("option", { value: each.id, text: each.name || each.provider_id })),
  );
  const number = el("input", {
    type: "tel",
    autocomplete: "off",
    maxlength: 40,
    placeholder: "+55 11 98888-7777",
    "data-role": "begin-number",
  });
  const field = (name, node) => el("label", { class: "field" }, el("span", { text: word(name) }), node);
  if (accounts.some((each) => each.id === desk.account)) account.value = desk.account;
  ask({
    title: word("newConversation"),
    text: word("newConversationText"),
    parts: [accounts.length > 1 && field("account", account), field("customerNumber", number), ...templates.parts].filter(Boolean),
    yes: word("send"),
    no: word("cancel"),
    wide: true,
    act: async () => {
      const to = number.value.trim();
      if (!to) {
        number.focus();
        throw Object.assign(new Error(word("numberMissing")), { told: word("numberMissing") });
      }
      const body = { account: account.value, to, template: templates.chosen() };
      const { id } = await sent("/conversations", body, keyOf);
      location.hash = id;
      refreshLists().catch(() => {});
    },
  });
  templates.of(account.value);
  number.focus();
}

function draw() {
  byId("new-conversation").hidden = !ours().length;
}

export function begin() {
  byId("new-conversation").addEventListener("click", newConversation);
  byId("template").addEventListener("click", sendTemplate);
  watch(draw);
}
