// Making elements. What comes from outside only ever gets in as text.

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const button = (text, act, attributes = {}) =>
  el("button", { type: "button", text, on: { click: act }, ...attributes });

/* Shows `items` in `parent`, each under its key. A node is made anew only where its item looks different, so that a
   redraw takes no focus away, and a screen reader hears what is new and nothing twice. */
export function show(parent, items, keyOf, make) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstChild;
  for (const item of items) {
    const key = String(keyOf(item)),
      looks = JSON.stringify(item);
    let node = known.get(key);
    known.delete(key);
    if (!node || node.looks !== looks) {
      const made = make(item);
      made.dataset.key = key;
      made.looks = looks;
      if (node) replaceKeepingFocus(node, made);
      if (place === node) place = made;
      node = made;
    }
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  for (const gone of known.values()) gone.remove();
}

function replaceKeepingFocus(old, made) {
  const held = old.contains(document.activeElement) ? document.activeElement.dataset.role : undefined;
  const whole = old === document.activeElement;
  old.replaceWith(made);
  if (whole) made.focus();
  else if (held) made.querySelector(`[data-role="${held}"]`)?.focus();
}

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/* Text with its http(s) addresses as links: whoever is behind one learns nothing of us. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(
      text.slice(end, found.index),
      el("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow", text: found[0] }),
    );
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}

/* A question that must be answered before something is done. `parts`: more than words; `yes` gets the dialog. */
export function ask({ title, text, parts = [], yes, no, act, danger = false, wide = false }) {
  const problem = el("p", { class: "problem", role: "alert", "data-role": "dialog-problem" });
  const accept = el("button", {
    type: "submit",
    class: danger ? "danger" : "strong",
    text: yes,
    "data-role": "dialog-yes",
  });
  const dialog = el(
    "dialog",
    { class: wide ? "wide" : undefined, "aria-labelledby": "dialog-title", "data-role": "dialog" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "dialog-title", text: title }),
      text && el("p", { text }),
      ...parts,
      problem,
      el(
        "div",
        { class: "row end" },
        button(no, () => dialog.close(), { "data-role": "dialog-no" }),
        yes && accept,
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (accept.disabled) return;
    accept.disabled = true;
    problem.textContent = "";
    try {
      await act();
      dialog.close();
    } catch (error) {
      problem.textContent = error.told ?? String(error);
      accept.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
