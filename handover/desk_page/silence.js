// One button that silences every assistant, and the line that says so as long as one is silent.

import { get, patch, post } from "./api.js";
import { refreshAll } from "./conversation.js";
import { ask, button, byId, el } from "./element.js";
import { atLeast, desk, tell, watch } from "./state.js";
import { word } from "./texts.js";

let left = null; // answers that were under way when it was pressed

export async function refreshAgents() {
  desk.agents = (await get("/agents")).items;
  tell();
}

function silence() {
  ask({
    title: word("silenceAsk"),
    text: word("silenceText"),
    yes: word("silenceYes"),
    no: word("cancel"),
    danger: true,
    act: async () => {
      left = (await post("/agents/silence")).in_flight ?? 0;
      await refreshAgents();
      await refreshAll().catch(() => {});
    },
  });
}

function wakeUp() {
  ask({
    title: word("wakeAsk"),
    text: word("wakeText"),
    yes: word("wakeUp"),
    no: word("cancel"),
    act: async () => {
      for (const agent of silent()) await patch(`/agents/${encodeURIComponent(agent.name)}`, { status: "active" });
      left = null;
      await refreshAgents();
    },
  });
}

const silent = () => desk.agents.filter((agent) => agent.status === "inactive");

function draw() {
  const quiet = silent(),
    all = quiet.length > 0 && desk.agents.every((agent) => agent.status !== "active");
  byId("silence").hidden = !atLeast("supervisor") || all;
  byId("silent").hidden = !quiet.length;
  const text = all ? word("allSilent") : word("someSilent", quiet.map((agent) => agent.name).join(", "));
  const flight = left === null ? "" : left > 0 ? word("inFlight", left) : word("noneInFlight");
  const looks = `${text}${flight}${atLeast("admin")}`;
  if (byId("silent").looks === looks) return;
  byId("silent").looks = looks;
  byId("silent").replaceChildren(
    el("span", {}, el("strong", { text }), flight && ` ${flight}`, !atLeast("admin") && ` ${word("onlyAdmin")}`),
    ...(atLeast("admin") ? [button(word("wakeUp"), wakeUp, { "data-role": "wake-up" })] : []),
  );
}

export function begin() {
  byId("silence").addEventListener("click", silence);
  watch(draw);
}
