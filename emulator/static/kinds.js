/* Whatever a phone can do beside text. The server says what there is, so that a new kind shows up by itself. */
import { call, el, keepInside } from "./dom.js";
import { word } from "./words.js";

let known = null;

async function kindsOf(network) {
  known = known || (await call("GET", "kinds")).networks;
  return known[network];
}

export async function openKinds(chat, opener) {
  const examples = await kindsOf(chat.network);
  const close = () => { sheet.remove(); (opener.isConnected ? opener : chat.input).focus(); };
  const edit = el("textarea", { "data-role": "kind-json", rows: 7, spellcheck: "false" });
  const choice = el("select", { "data-role": "kind", on: { change: () => show() } },
    ...Object.keys(examples).map((kind) => el("option", { value: kind, text: word(kind) ? `${word(kind)} · ${kind}` : kind })));
  const problem = el("p", { class: "problem-note", role: "alert" });
  /* What changes or answers a message starts with the newest one that can be meant. */
  const show = () => {
    const example = structuredClone(examples[choice.value]);
    if (example && example.message_id === "") {
      const own = choice.value !== "reaction";
      example.message_id = chat.mine().filter((item) => (item.by === "customer") === own).at(-1)?.id ?? "";
    }
    edit.value = JSON.stringify(example, null, 1);
    edit.setAttribute("aria-label", choice.value);
    problem.textContent = "";
  };
  const send = async (e) => {
    e.preventDefault();
    let what;
    try { what = JSON.parse(edit.value); } catch { problem.textContent = word("notJson"); return; }
    try {
      await call("POST", "say", { account: chat.chosen().id, customer: chat.customer.phone, [choice.value]: what });
      close();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const sheet = el("div", { class: "sheet", "data-role": "kinds", role: "dialog", "aria-modal": "true", "aria-label": word("more"),
    on: { keydown: (e) => { if (e.key === "Escape") close(); else if (e.target.tagName === "BUTTON") keepInside(e, sheet); },
      click: (e) => { if (e.target === sheet) close(); } } },
    el("form", { on: { submit: send } }, el("header", {}, el("strong", { text: word("more") }),
      el("button", { type: "button", "data-role": "close-kinds", "aria-label": word("close"), text: "✕", on: { click: close } })),
    el("p", { class: "hint", text: word("moreHint") }), choice, edit, problem,
    el("button", { type: "submit", class: "strong", "data-role": "send-kind", text: word("send") })));
  choice.setAttribute("aria-label", word("more"));
  show();
  chat.screen.append(sheet);
  choice.focus();
}
