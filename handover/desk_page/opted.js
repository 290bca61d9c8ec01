// Who wants nothing that they did not ask for: that it is so, who or what said it, and how it is set and taken back.

import { call } from "./api.js";
import { refreshAll } from "./conversation.js";
import { ask, button, el } from "./element.js";
import { zoneOf } from "./state.js";
import { known, word } from "./texts.js";
import { when } from "./times.js";

export const optedChip = ({ contact }) =>
  contact?.opted_out_at
    ? el("span", { class: "chip", "data-role": "opted-out", "data-look": "opted", text: word("optedOut") })
    : "";

/* For the context, of whoever can be written to first. */
export function optedPart(conversation) {
  const { id, opted_out_at: at, opted_out_by: by } = conversation.contact;
  if (!at && conversation.channel !== "whatsapp") return false;
  return { key: "opted", seen: [id, at, by], make: () => section(id, at, by, zoneOf(conversation)) };
}

function section(id, at, by, zone) {
  const told = at
    ? `${word(known(`optedBy_${by}`) ? `optedBy_${by}` : "optedBy_operator")} ${word("optedSince", when(at, zone))}`
    : word("optedNot");
  return el(
    "section",
    { "data-role": "opted" },
    el("h3", { text: word("unasked") }),
    el("p", { class: at ? "" : "soft", text: told }),
    button(word(at ? "optBack" : "optOut"), () => change(id, !at), { class: "small", "data-role": "opt" }),
  );
}

function change(contact, out) {
  ask({
    title: word(out ? "optOutAsk" : "optBackAsk"),
    text: word(out ? "optOutText" : "optBackText"),
    yes: word(out ? "optOut" : "optBack"),
    no: word("cancel"),
    act: async () => {
      await call("PUT", `/contacts/${encodeURIComponent(contact)}/opt-out`, { opted_out: out });
      await refreshAll().catch(() => {});
    },
  });
}
