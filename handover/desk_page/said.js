// What a message is and says: its words, what it answers, what kind of thing it is, its files, what became of it since.

import { button, el, linked } from "./element.js";
import { fileView } from "./files.js";
import { authorName } from "./names.js";
import { privately } from "./reply.js";
import { besides, mapOf, summaryOf } from "./summary.js";
import { known, word } from "./texts.js";
import { clock, secondsSince, when } from "./times.js";

/* What is seen for what it is. */
const PLAIN = new Set(["text", "button", "buttons"]);
const FILES = new Set(["image", "video", "audio", "document", "sticker"]);
const ledHere = (referral) => referral.headline ?? referral.ads_context_data?.ad_title ?? referral.ref ?? referral.source ?? "";
const SHARED = { reel: "sharedReel", ig_reel: "sharedReel" };

/* What it is, where that is more than a text: a story, a comment, a link that led here. */
function labelOf({ kind, content, text, reply_to, files }) {
  const attached = content?.attachments?.[0];
  if (kind === "comment") return word(content?.live ? "commentLive" : "comment");
  if (content?.reply_to?.story) return word("storyReply");
  if (kind === "story") return word("storyMention");
  if (kind === "share") return word(SHARED[attached?.type] ?? "sharedPost");
  if (kind === "referral") return word("referral", ledHere(content ?? {}));
  if (kind === "reaction") return word(text ? "reacted" : "reactionGone", reply_to ? "" : word("toAMessage"));
  if (content?.referral) return word("referral", ledHere(content.referral));
  if (PLAIN.has(kind) || (FILES.has(kind) && files?.length)) return null;
  return known(`kind_${kind}`) ? word(`kind_${kind}`) : `[${kind}]`;
}

function quote(message, conversation) {
  const quoted = message.reply_to;
  if (!quoted) return null;
  const nothing = word(quoted.kind ? "aFile" : "quotedElsewhere");
  const text = quoted.removed_at ? word("removed") : quoted.text || nothing;
  return el(
    "blockquote",
    { "data-role": "quote" },
    quoted.id !== null && el("strong", { text: authorName(quoted, conversation) }),
    " ",
    text,
  );
}

/* A title and an address of what was shared: words and a link, as everything from outside. */
function shared({ content }) {
  const lines = (content?.attachments ?? [])
    .map((each) => [each?.payload?.title, each?.type !== "image" && each?.payload?.url])
    .flat()
    .filter((each) => typeof each === "string" && each);
  return lines.length > 0 && el("p", { class: "soft shared", "data-role": "shared" }, linked(lines.join(" ")));
}

/* The words before it was edited, for who wants to see them. */
function edits(message, zone) {
  if (!message.edited_at) return null;
  return el(
    "details",
    { class: "edits", "data-role": "edits" },
    el("summary", { text: word("edited", clock(message.edited_at, zone)) }),
    el(
      "ul",
      { class: "plain" },
      (message.content?.edits ?? []).map((each) => el("li", { "data-role": "earlier", text: each.text ?? "–" })),
    ),
  );
}

/* A comment is answered where everybody reads it, on the channel itself; in private from here, once. */
function answer(message, zone) {
  const { until, answered } = message.private_reply ?? {};
  if (!until) return null;
  if (answered) return el("p", { class: "aside faint", text: word("commentAnswered") });
  if (secondsSince(until) >= 0) return el("p", { class: "aside", text: word("comment_too_old") });
  return button(word("answerPrivately", when(until, zone)), () => privately(message), {
    class: "small",
    "data-role": "private-reply",
  });
}

/* All that stands in its bubble below who wrote it and when. */
export function said(message, conversation, zone) {
  if (message.removed_at) return [wordless("removed", removedWord(message))];
  const label = labelOf(message);
  const [line, beside] = [summaryOf(message), besides(message)];
  return [
    quote(message, conversation),
    beside && el("p", { class: "label", "data-role": "beside", text: beside }),
    label && el("p", { class: "label", "data-role": "label", text: label }),
    message.text && el("p", { class: "text", "data-role": "text" }, linked(message.text)),
    line && el("p", { class: "text", "data-role": "summary", text: line }),
    mapLink(message),
    (message.files ?? []).map(fileView),
    message.kind === "share" && !message.files?.length && shared(message),
    !message.text && !label && !message.files?.length && wordless("nothing", `[${message.kind}]`),
    edits(message, zone),
    answer(message, zone),
  ];
}

function mapLink(message) {
  const address = mapOf(message);
  const away = { href: address, target: "_blank", rel: "noopener noreferrer nofollow", "data-role": "map" };
  return address && el("p", {}, el("a", { ...away, text: word("onMap") }));
}

const wordless = (role, text) =>
  el("p", { class: "text", "data-role": "text" }, el("em", { "data-role": role, text }));
const removedWord = (message) => word(message.direction === "inbound" ? "removedByCustomer" : "removed");
