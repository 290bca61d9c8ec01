/* What went and came, whole: every attempt to post a webhook, every request to Graph API with its answer. */
import { $, call, el, trouble } from "./dom.js";
import { language, word } from "./words.js";

const MOST = 300;
let lines = [];

export function traffic(kind, entry) {
  lines.unshift({ kind, entry });
  lines.length = Math.min(lines.length, MOST);
  if ($("traffic").hidden) return;
  $("traffic-list").querySelector(".none")?.remove();
  if (wanted({ kind, entry })) $("traffic-list").prepend(trafficLine({ kind, entry }));
  while ($("traffic-list").children.length > MOST) $("traffic-list").lastElementChild.remove();
}

const good = (entry) => entry.status === 200 && !entry.cut;

function wanted(line) {
  const which = $("traffic-kind").value, text = $("traffic-filter").value.trim().toLowerCase();
  if (which === "failures" ? good(line.entry) : which && which !== line.kind) return false;
  return !text || `${told(line)} ${JSON.stringify(line.entry)}`.toLowerCase().includes(text);
}

function told({ kind, entry }) {
  if (kind === "request") return `← ${entry.kind}${entry.code ? ` (${entry.code})` : ""}${entry.cut ? " ✂" : ""}${entry.text ? ` · ${entry.text}` : ""}`;
  return `→ ${entry.about}${entry.attempt > 1 ? ` · ${word("attempt")} ${entry.attempt}` : ""}${entry.problem ? ` · ${entry.problem}` : ""}`;
}

function moment(ms) {
  return new Intl.DateTimeFormat(language(), { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

function pretty(value) {
  if (typeof value === "string") try { value = JSON.parse(value); } catch { return value; }
  return JSON.stringify(value, null, 1);
}

function facts({ kind, entry }) {
  const at = [`n ${entry.n}`, moment(entry.at_ms)];
  if (kind === "request") return [...at, `${entry.method} ${entry.path}`, entry.answered_ns ? `${((entry.answered_ns - entry.received_ns) / 1e6).toFixed(1)} ms` : "–"];
  const again = entry.next_ms ? `${word("dueAt")} ${moment(entry.next_ms)}` : good(entry) ? "" : word("notAgain");
  return [...at, `${word("attempt")} ${entry.attempt}`, `${entry.ms} ms`, again].filter(Boolean);
}

function part(title, value) {
  return value === null || value === undefined || value === "" ? [] : [el("h3", { text: title }), el("pre", { text: pretty(value) })];
}

/* Its inside is made when it is opened: most never are. */
function trafficLine(line) {
  const { kind, entry } = line;
  const colour = !good(entry) ? "bad" : kind === "request" ? "in" : "out";
  const inside = el("div");
  const open = (e) => {
    if (!e.target.open || inside.children.length) return;
    const copy = el("button", { type: "button", "data-role": "copy", text: word("copy"), on: { click: () => copied(copy, entry) } });
    const again = kind === "webhook"
      ? el("button", { type: "button", "data-role": "resend", text: word("resend"), on: { click: () => resend(entry.n) } }) : null;
    inside.append(el("p", { class: "facts", text: facts(line).join(" · ") }), el("div", { class: "row" }, copy, again),
      ...part(word("headers"), entry.headers), ...part(word("body"), entry.body), ...part(word("answerOf"), entry.answer));
  };
  return el("li", { "data-kind": kind, "data-n": entry.n }, el("details", { on: { toggle: open } },
    el("summary", { class: colour, text: `${entry.status || "–"} ${told(line)}` }), inside));
}

async function copied(button, entry) {
  try {
    await navigator.clipboard.writeText(JSON.stringify(entry, null, 1));
    button.textContent = word("copied");
  } catch (error) {
    trouble(error.message);
  }
}

async function resend(n) {
  try {
    await call("POST", "resend", { n });
  } catch (error) {
    trouble(error.message);
  }
}

export function showTraffic() {
  const shown = lines.filter(wanted);
  $("traffic-list").replaceChildren(...(shown.length ? shown.map(trafficLine) : [el("li", { class: "none", text: word("nothingYet") })]));
}

export async function toggleTraffic() {
  const aside = $("traffic");
  aside.hidden = !aside.hidden;
  $("traffic-toggle").setAttribute("aria-expanded", String(!aside.hidden));
  if (aside.hidden) return;
  if (!lines.length) {
    const [requests, webhooks] = await Promise.all([call("GET", "requests?answers=1"), call("GET", "webhooks")]);
    lines = [...webhooks.items.slice(-150).map((entry) => ({ kind: "webhook", entry })),
      ...requests.items.slice(-150).map((entry) => ({ kind: "request", entry }))].sort((a, b) => b.entry.at_ms - a.entry.at_ms);
  }
  showTraffic();
}

$("traffic-kind").addEventListener("change", showTraffic);
$("traffic-filter").addEventListener("input", showTraffic);
$("traffic-clear").addEventListener("click", () => { lines = []; showTraffic(); });
