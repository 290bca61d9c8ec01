// Commands that ask something first: from whom, to whom, why.

import { get } from "./api.js";
import { order, refreshAll } from "./conversation.js";
import { ask, el } from "./element.js";
import { presenceWord } from "./names.js";
import { atLeast, desk, tell } from "./state.js";
import { word } from "./texts.js";

export function takeFrom(owner) {
  const { id } = desk.open;
  ask({
    title: word("takeFromAsk", owner),
    text: word("takeFromText", owner),
    yes: word("take"),
    no: word("cancel"),
    act: async () => {
      await order("take", { force: true }, { id });
      await refreshAll().catch(() => {});
    },
  });
}

export function reject(requestId) {
  const { id } = desk.open;
  const note = el("textarea", {
    rows: 2,
    maxlength: 200,
    "aria-label": word("rejectNote"),
    placeholder: word("rejectNote"),
    "data-role": "reject-note",
  });
  ask({
    title: word("rejectAsk"),
    text: word("rejectText"),
    parts: [note],
    yes: word("reject"),
    no: word("cancel"),
    danger: true,
    act: () => decide(id, `/requests/${requestId}/reject`, note.value.trim() ? { note: note.value.trim() } : {}),
  });
}

async function decide(id, path, body) {
  await order("", body, { id, path });
  await refreshAll().catch(() => {});
}

/* Somebody or some team, chosen by radio buttons, so that the arrow keys do it. */
function choices(people, teams) {
  const one = (kind, value, text, more, look) =>
    el(
      "label",
      { class: "choice" },
      el("input", { type: "radio", name: "whom", value, "data-kind": kind, "data-role": "whom" }),
      el("span", { class: "dot", "data-look": look }),
      el("span", { class: "cut", text }),
      el("span", { class: "soft", text: more }),
    );
  return [
    people.length > 0 &&
      el(
        "fieldset",
        {},
        el("legend", { text: word("people") }),
        people.map((each) =>
          one(
            "operator",
            each.name,
            each.name === desk.me.name ? word("yourself") : each.name,
            `${presenceWord(each.presence)} · ${each.load ?? 0}/${each.capacity}`,
            each.presence,
          ),
        ),
      ),
    teams.length > 0 &&
      el(
        "fieldset",
        {},
        el("legend", { text: word("teams") }),
        teams.map((each) => one("team", each.id, each.name, "", "team")),
      ),
    people.length + teams.length === 0 && el("p", { class: "soft", text: word("nobodyElse") }),
  ].filter(Boolean);
}

/* A supervisor may give it to somebody who is offline or full. */
const forcing = (force) =>
  atLeast("supervisor") && el("label", { class: "choice" }, force, el("span", { text: word("force") }));

const whom = (dialog) => dialog.querySelector('input[name="whom"]:checked');
const choose = () => {
  throw Object.assign(new Error("nobody was chosen"), { told: word("chooseOne") });
};

export async function transfer() {
  const { id, conversation } = desk.open;
  const [operators, teams] = await lookUp("/operators", "/teams");
  if (!operators) return;
  const note = el("textarea", {
    rows: 2,
    maxlength: 200,
    "aria-label": word("transferNote"),
    placeholder: word("transferNote"),
    "data-role": "transfer-note",
  });
  const force = el("input", { type: "checkbox", "data-role": "force" });
  const others = operators.filter((each) => each.name !== conversation.owner && each.name !== desk.me.name);
  const dialog = ask({
    title: word("transferTo"),
    yes: word("transfer"),
    no: word("cancel"),
    wide: true,
    parts: [...choices(others, teams), note, forcing(force)],
    act: async () => {
      const to = whom(dialog) ?? choose();
      await order(
        "transfer",
        {
          [to.dataset.kind]: to.value,
          ...(force.checked && { force: true }),
          ...(note.value.trim() && { note: note.value.trim() }),
        },
        { id },
      );
      await refreshAll().catch(() => {});
    },
  });
}

export async function approve(requestId) {
  const { id } = desk.open;
  const [operators] = await lookUp("/operators");
  if (!operators) return;
  const force = el("input", { type: "checkbox" });
  const dialog = ask({
    title: word("approveFor"),
    yes: word("approveYes"),
    no: word("cancel"),
    wide: true,
    parts: [...choices(operators, []), forcing(force)],
    act: () => {
      const { value } = whom(dialog) ?? choose();
      return decide(id, `/requests/${requestId}/approve`, { operator: value, ...(force.checked && { force: true }) });
    },
  });
}

async function lookUp(...paths) {
  const open = desk.open;
  try {
    return await Promise.all(paths.map(async (path) => (await get(path)).items));
  } catch (error) {
    open.problem = error;
    tell();
    return [];
  }
}
