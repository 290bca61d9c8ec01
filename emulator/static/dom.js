/* Small helpers: nodes, drawings, text. Everything from outside is set with textContent. */
import { language } from "./words.js";

const ICONS = {
  send: "M4 12 20 4l-5 16-3-7z", quote: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  smile: "M12 3a9 9 0 1 0 .01 0M8.5 14a4 4 0 0 0 7 0M9 9.5v.01M15 9.5v.01", paper: "M7 3h7l4 4v14H7zM14 3v4h4",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

export function $(id) { return document.getElementById(id); }

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) { return drawing(ICONS[name], "0 0 24 24"); }

export function drawing(path, viewBox, className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export async function call(method, path, body) {
  const options = method === "GET" ? {} :
    { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
  const response = await fetch(`/emulator/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ? answer.error.message : String(response.status));
  return answer;
}

/* Text with links, *bold* and _italic_, as nodes. */
export function richText(text) {
  const parts = [];
  for (const piece of text.split(/(https?:\/\/[^\s<>"]+)/)) {
    const link = /^(https?:\/\/.*?)([.,;:!?)\]]*)$/.exec(piece);
    if (link && /^https?:\/\//.test(piece)) {
      parts.push(el("a", { href: link[1], target: "_blank", rel: "noopener noreferrer", text: link[1] }), link[2]);
      continue;
    }
    for (const span of piece.split(/(\*[^*\n]+\*|\b_[^_\n]+_\b)/)) {
      if (/^\*[^*]+\*$/.test(span)) parts.push(el("strong", { text: span.slice(1, -1) }));
      else if (/^_[^_]+_$/.test(span)) parts.push(el("em", { text: span.slice(1, -1) }));
      else if (span) parts.push(span);
    }
  }
  return parts;
}

export function clock(ms) {
  return new Intl.DateTimeFormat(language(), { hour: "numeric", minute: "2-digit" }).format(ms);
}

export function initials(name) { return name.split(/\s+/).slice(0, 2).map((w) => [...w][0]).join("").toUpperCase(); }

export function focusKey(node) {
  const message = node.closest("[data-message]");
  const inside = node.dataset.role ? `[data-role="${node.dataset.role}"]${node.dataset.id ? `[data-id="${CSS.escape(node.dataset.id)}"]` : ""}` : "";
  return message && inside ? `[data-message="${CSS.escape(message.dataset.message)}"] ${inside}` : null;
}

export function keepInside(event, box) {
  if (event.key !== "Tab") return;
  const stops = [...box.querySelectorAll("button")];
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
}

export function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}
