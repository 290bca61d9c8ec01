/* The clock, the faults and the scenarios. */
import { $, call, el, trouble } from "./dom.js";
import { language, word } from "./words.js";

const HOUR = 3600;
const STEPS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR };
const PRESETS = {
  twice: { webhooks: { doubled_rate: 1 } }, shuffled: { seed: 1, webhooks: { gather: 5, gather_ms: 1500, shuffled: true } },
  joined: { webhooks: { gather: 5, gather_ms: 1500, joined: true } }, slow: { webhooks: { bytes_per_s: 200 } },
  cut: { webhooks: { cut: "answer", cut_rate: 0.5 } }, down: { webhooks: { cut: "before" } },
  error: { error: { code: 131000, rate: 0.3 } }, gateway: { error: { code: 2, http_status: 502, bare: true, rate: 0.3 } },
  limits: { limits: true }, usage: { usage: { call_count: 90, regain_min: 5 } }, latency: { latency_ms: 3000 }, lost: { drop_before_rate: 0.3 },
  expired: { access: "expired" }, revoked: { access: "revoked" }, locked: { access: "locked" },
};
const NONE = { latency_ms: 0, error: null, drop_rate: 0, drop_before_rate: 0, statuses: "normal", hold: false, echo_first: false,
  access: "ok", limits: null, usage: null, webhooks: null };
const state = { now: 0, ahead: 0, due: null, faults: {}, kept: [0, 0], scenarios: [], results: new Map(), running: "" };

async function doing(work) {
  try {
    await work();
    trouble("");
  } catch (error) {
    trouble(error.message);
  }
  draw();
}

async function load() {
  const [clock, faults, kept, scenarios] = await Promise.all(["clock", "faults", "undelivered", "scenarios"].map((path) => call("GET", path)));
  Object.assign(state, { now: clock.now_ms, ahead: clock.ahead_s, faults, scenarios: scenarios.items, kept: [kept.waiting.length, kept.given_up.length] });
}

function advance(seconds) {
  return doing(async () => {
    const { due } = await call("POST", "clock", { advance_s: seconds });
    await load();
    state.due = due;
  });
}

function change(faults) { return doing(async () => { state.faults = await call("PUT", "faults", faults); }); }

function apply() {
  let faults;
  try { faults = JSON.parse($("faults-json").value); } catch { trouble(word("notJson")); return; }
  change(faults);
}

function run(name) {
  return doing(async () => {
    state.running = name;
    state.results.set(name, { steps: [] });
    draw();
    try {
      state.results.set(name, await call("POST", "scenarios", { name }));
    } catch (error) {
      state.results.delete(name);
      throw error;
    } finally {
      state.running = "";
    }
    await load();
  });
}

/* A step of a scenario is over, whoever started it. */
export function played(result) {
  const known = state.results.get(result.name);
  if (known && known.passed === undefined) { known.steps.push(result); drawScenarios(); }
}

export function faultsChanged(faults) { state.faults = faults; if (!$("trials").hidden) drawFaults(); }
export function clockMoved({ now_ms: now, ahead_s: ahead }) { Object.assign(state, { now, ahead }); if (!$("trials").hidden) drawClock(); }

export function draw() {
  if ($("trials").hidden) return;
  drawClock();
  drawFaults();
  drawScenarios();
}

function drawClock() {
  const ahead = state.ahead >= 1 ? `${Math.floor(state.ahead / 86400)} d ${Math.floor(state.ahead % 86400 / 3600)} h ${word("ahead")}` : word("onTime");
  const when = new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(state.now);
  $("clock-now").textContent = `${when} · ${ahead}`;
  $("clock-due").textContent = [state.due === null ? "" : word("due")(state.due), word("kept")(...state.kept)].filter(Boolean).join(" ");
}

function drawFaults() {
  const chosen = $("faults-preset").value;
  $("faults-preset").replaceChildren(el("option", { value: "", text: word("preset") }),
    ...Object.keys(PRESETS).map((name) => el("option", { value: name, text: word(`p:${name}`), selected: name === chosen })));
  const { accounts, holding, retries, ...common } = state.faults;
  const now = Object.entries(common).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(NONE[key]));
  const own = Object.keys(accounts || {}).length ? [["accounts", accounts]] : [];
  const rest = retries === false ? [["retries", retries]] : [];
  const all = [...now, ...rest, ...own];
  $("faults-now").textContent = all.length ? JSON.stringify(Object.fromEntries(all), null, 1) : word("noFaults");
}

function drawScenarios() {
  $("scenario-list").replaceChildren(...state.scenarios.map(({ name, title, about }) => {
    const result = state.results.get(name), done = result && result.passed !== undefined;
    const verdict = !result ? "" : !done ? word("running") : word(result.passed ? "passed" : "failed");
    return el("li", { "data-scenario": name, "data-passed": done ? String(result.passed) : false },
      el("div", { class: "row" }, el("strong", { text: title[language()] || title.en }),
        el("button", { type: "button", "data-role": "run", disabled: Boolean(state.running), text: word("run"), on: { click: () => run(name) } })),
      el("p", { text: about[language()] || about.en }),
      verdict ? el("p", { class: `verdict ${done ? (result.passed ? "good" : "bad") : ""}`, "data-role": "verdict", text: verdict }) : null,
      result && result.steps.length ? el("ol", {}, ...result.steps.map((step) => el("li", { class: step.ok ? "good" : "bad" },
        `${step.ok ? "✓" : "✗"} ${step.step} (${step.ms} ms)`, !step.ok && step.seen ? el("small", { text: step.seen }) : null))) : null);
  }));
}

async function toggle() {
  const aside = $("trials");
  aside.hidden = !aside.hidden;
  $("trials-toggle").setAttribute("aria-expanded", String(!aside.hidden));
  if (!aside.hidden) await doing(load);
}

$("trials-toggle").addEventListener("click", toggle);
for (const [name, seconds] of Object.entries(STEPS)) $(`clock-${name}`).addEventListener("click", () => advance(seconds));
$("faults-preset").addEventListener("change", (e) => { if (e.target.value) $("faults-json").value = JSON.stringify(PRESETS[e.target.value], null, 1); });
$("faults-apply").addEventListener("click", apply);
$("faults-none").addEventListener("click", () => change(NONE));
$("forget").addEventListener("click", () => doing(async () => { await call("POST", "reset", {}); state.due = null; await load(); }));
