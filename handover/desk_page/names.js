// What people and conversations are called on this page.

import { desk } from "./state.js";
import { known, word } from "./texts.js";

export const userName = (conversation) => (conversation?.contact?.username ? `@${conversation.contact.username}` : "");
export const contactName = (conversation) =>
  conversation?.contact?.name ||
  userName(conversation) ||
  conversation?.contact?.addresses?.[0]?.value ||
  word("unnamed");
export const firstName = (conversation) =>
  (conversation?.contact?.name || "").trim().split(/\s+/)[0] || contactName(conversation);

/* A channel that this page has no name for is called what the API calls it. */
export const channelName = (channel) => (known(`channel_${channel}`) ? word(`channel_${channel}`) : channel);

/* Who gives a command or writes: an operator's name, or one of ours. `within` a sentence, not at its head. */
export function personName(name, within = false) {
  if (name === desk.me?.name) return word(within ? "yourself" : "you");
  const ours = { phone: "phone", app: "app", assistant: "theAssistant", customer: "theCustomer", timer: "theRules" };
  if (name && !ours[name]) return name;
  const text = word(ours[name] ?? "theRules");
  return within ? text : capital(text);
}

export function authorName(message, conversation) {
  if (message.author === "contact") return contactName(conversation);
  if (message.author === "bot") return word("bot");
  if (message.author === "operator") return personName(message.operator);
  return word("system");
}

/* Where it stands, in a few words: who answers, or that it is done with. */
export function standing(conversation) {
  if (conversation.status === "closed") return { look: "closed", text: word("closedStatus") };
  if (conversation.status === "resolved") return { look: "closed", text: word("resolved") };
  if (conversation.status === "snoozed") return { look: "snoozed", text: word("snoozed") };
  if (conversation.state === "human")
    return { look: conversation.owner === desk.me.name ? "mine" : "human", text: personName(conversation.owner) };
  return { look: conversation.state, text: word(conversation.state) };
}

export const languageName = (code) => (code && known(code) ? word(code) : code);
export const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
export const presenceWord = (presence) => word({ online: "online", away: "away" }[presence] ?? "offlinePresence");
