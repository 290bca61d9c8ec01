// The choice of language, and the words in it: the catalogue is in words.js, longer explanations in explanations.js.

import { keepTaste, taste } from "./kept.js";
import { LOG, REASONS, REFUSALS, SILENCES } from "./explanations.js";
import { TEXTS } from "./words.js";

const LANGUAGES = ["pt-BR", "en"];

let chosen = 0;
export const language = () => LANGUAGES[chosen];

export function choose(name) {
  chosen = Math.max(0, LANGUAGES.indexOf(name));
  keepTaste("language", language());
  document.documentElement.lang = language();
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = word(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]"))
    node.setAttribute("aria-label", word(node.dataset.tLabel));
}

export const preferred = () => taste("language", navigator.language.toLowerCase().startsWith("pt") ? "pt-BR" : "en");

const said = (text, ...facts) => (typeof text[chosen] === "function" ? text[chosen](...facts) : text[chosen]);
export const word = (key, ...facts) => said(TEXTS[key] ?? LOG[key], ...facts);
export const known = (key) => key in TEXTS || key in LOG;

/* Why the assistant was silent, why a person is wanted: the API's word where a newer one is not known here. */
export const silenceWord = (reason) => (SILENCES[reason] ? said(SILENCES[reason]) : reason);
export const reasonWord = (reason) => (REASONS[reason] ? said(REASONS[reason]) : silenceWord(reason));

export const errorWord = (error) =>
  REFUSALS[error.code] ? said(REFUSALS[error.code], error.facts) : error.message || said(REFUSALS.error);
