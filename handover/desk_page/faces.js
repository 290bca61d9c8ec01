// Whom a conversation is with, at a glance: a face or initials, and the channel by its name.

import { el } from "./element.js";
import { picture } from "./files.js";
import { channelName, contactName } from "./names.js";

const initials = (name) =>
  name
    .split(/\s+/)
    .map((part) => [...part.replace(/[^\p{L}\p{N}]/gu, "")][0] ?? "")
    .filter(Boolean)
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toLocaleUpperCase() || "?";

/* Beside the name, so it has no words of its own. */
export function face(conversation) {
  const path = conversation.contact?.picture?.replace(/^\/api\/v1/, "");
  return el(
    "span",
    { class: "face", "aria-hidden": "true", "data-role": "face" },
    initials(contactName(conversation)),
    path && picture(path, ""),
  );
}

export const channelChip = (conversation) =>
  el("span", {
    class: "chip",
    "data-role": "channel",
    "data-channel": conversation.channel,
    text: channelName(conversation.channel),
  });
