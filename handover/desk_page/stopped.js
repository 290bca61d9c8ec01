// The line that says which accounts send nothing until somebody mends them, why, and what helps.

import { get } from "./api.js";
import { byId, el } from "./element.js";
import { desk, tell, watch } from "./state.js";
import { word } from "./texts.js";

export async function refreshAccounts() {
  const accounts = (await get("/accounts")).items;
  desk.accounts = new Map(accounts.map((each) => [each.id, each]));
  tell();
}

function draw() {
  const stopped = [...desk.accounts.values()].filter((each) => each.fault);
  byId("stopped").hidden = !stopped.length;
  const looks = JSON.stringify(stopped.map((each) => [each.name, each.fault, each.cure]));
  if (byId("stopped").looks === looks) return;
  byId("stopped").looks = looks;
  byId("stopped").replaceChildren(
    ...stopped.map((each) =>
      el("span", { "data-role": "stopped" }, el("strong", { text: word("accountStopped", each.name) }), ` ${each.fault} ${each.cure ?? ""}`),
    ),
  );
}

export function begin() {
  watch(draw);
}
