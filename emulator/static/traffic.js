/* What went and came. */
import { $, call, el } from "./dom.js";

const MOST = 200;
let lines = [];

export function traffic(kind, entry) {
  lines.unshift({ kind, entry });
  lines.length = Math.min(lines.length, MOST);
  if (!$("traffic").hidden) $("traffic-list").prepend(trafficLine({ kind, entry }));
  while ($("traffic-list").children.length > MOST) $("traffic-list").lastElementChild.remove();
}

function trafficLine({ kind, entry }) {
  const isRequest = kind === "request";
  const good = entry.status === 200;
  const what = isRequest ? `← ${entry.kind}${entry.text ? ` · ${entry.text}` : ""}` : `→ ${entry.about}${entry.attempt > 1 ? ` (${entry.attempt})` : ""}`;
  let body = entry.body;
  if (!isRequest) try { body = JSON.parse(entry.body); } catch { /* shown as it stands */ }
  return el("li", {}, el("details", {}, el("summary", { class: good ? (isRequest ? "in" : "out") : "bad", text: `${entry.status || "–"} ${what}` }),
    el("pre", { text: typeof body === "string" ? body : JSON.stringify(body, null, 1) })));
}

export async function toggleTraffic() {
  const aside = $("traffic");
  aside.hidden = !aside.hidden;
  $("traffic-toggle").setAttribute("aria-expanded", String(!aside.hidden));
  if (aside.hidden) return;
  if (!lines.length) {
    const [requests, webhooks] = await Promise.all([call("GET", "requests"), call("GET", "webhooks")]);
    lines = [...webhooks.items.slice(-100).map((entry) => ({ kind: "webhook", entry })),
      ...requests.items.slice(-100).map((entry) => ({ kind: "request", entry }))].sort((a, b) => b.entry.at_ms - a.entry.at_ms);
  }
  $("traffic-list").replaceChildren(...lines.map(trafficLine));
}
