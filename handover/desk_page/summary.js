// What is no words, in one line: where it is, whose card, what was ordered or filled in. Everything from outside is text.

import { known, word } from "./texts.js";

const MOST = 10;
const list = (given) => (Array.isArray(given) ? given.slice(0, MOST).filter((each) => each && typeof each === "object") : []);
const plain = (given) => (["string", "number", "boolean"].includes(typeof given) ? String(given).slice(0, 300) : "");
const joined = (parts, by = " · ") => parts.map(plain).filter(Boolean).join(by);

function place({ latitude, longitude, name, address, attachments }) {
  const { title, payload } = list(attachments)[0] ?? {};
  const at = payload?.coordinates ?? { lat: latitude, long: longitude };
  return joined([name ?? title, address, joined([at.lat, at.long], ", ")]);
}

/* Where it is on a map of everybody's; whoever keeps it learns the place, and not from where it was asked. */
export function mapOf({ kind, content }) {
  if (kind !== "location") return "";
  const { payload } = list(content?.attachments)[0] ?? {};
  const at = payload?.coordinates ?? { lat: content?.latitude, long: content?.longitude };
  const [lat, long] = [at.lat, at.long].map((each) => (each === null || each === "" ? NaN : Number(each)));
  if (!(Math.abs(lat) <= 90 && Math.abs(long) <= 180)) return "";
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${long}#map=17/${lat}/${long}`;
}

const cards = ({ contacts }) =>
  joined(list(contacts).map((card) => joined([card.name?.formatted_name, ...list(card.phones).map((each) => each.phone ?? each.wa_id)])), "; ");

const order = ({ product_items: items }) =>
  joined(list(items).map((each) => `${plain(each.quantity)} × ${joined([each.product_retailer_id, joined([each.item_price, each.currency], " ")])}`), "; ");

/* A Flow's answers, or whether we may call. */
function reply({ response, call_permission_reply: call }) {
  if (call) return word(call.response === "accept" ? "mayCall" : "mayNotCall");
  if (!response || typeof response !== "object" || Array.isArray(response)) return "";
  const answers = Object.entries(response).filter(([name]) => name !== "flow_token");
  return joined(answers.slice(0, MOST).map(([name, value]) => `${name}: ${[value].flat().map(plain).join(", ")}`));
}

const ofSystem = ({ type }) => (known(`system_${type}`) ? word(`system_${type}`) : plain(type));

const LINES = {
  location: place,
  contacts: cards,
  order,
  interactive: reply,
  system: ofSystem,
  unsupported: ({ type }) => plain(type),
};

export const summaryOf = ({ kind, content }) => LINES[kind]?.(content ?? {}) ?? "";

/* What stands beside words: from an advertisement, about a product, passed on, who wrote it in a group. */
export function besides({ content, kind }) {
  const { context, from } = content ?? {};
  const product = context?.referred_product?.product_retailer_id;
  return joined([
    from && typeof from === "object" && kind !== "comment" && word("inGroup", plain(from.name) || plain(from.phone) || plain(from.bsuid)),
    (context?.forwarded || context?.frequently_forwarded) && word(context.frequently_forwarded ? "forwardedOften" : "forwarded"),
    product && word("aboutProduct", plain(product)),
  ]);
}
