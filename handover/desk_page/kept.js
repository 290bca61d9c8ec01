// What outlives a reload. The token and what was being typed: in this tab alone, gone with it. Tastes: in this browser.

const TOKEN = "baton.token",
  ENDS = "baton.token.ends",
  DRAFT = "baton.draft.",
  SENDING = "baton.sending.";

export const token = () => sessionStorage.getItem(TOKEN);
/* `ends`: it was made by signing in, and is worth nothing after signing out. */
export function keepToken(value, { ends = false } = {}) {
  forgetToken();
  sessionStorage.setItem(TOKEN, value);
  if (ends) sessionStorage.setItem(ENDS, "yes");
}
export const tokenEnds = () => sessionStorage.getItem(ENDS) === "yes";
export function forgetToken() {
  for (const key of [TOKEN, ENDS]) sessionStorage.removeItem(key);
}

/* A draft is of one conversation and one kind, reply or note. */
export const draft = (conversation, kind) => sessionStorage.getItem(`${DRAFT}${kind}.${conversation}`) ?? "";

export function keepDraft(conversation, kind, text) {
  if (text) sessionStorage.setItem(`${DRAFT}${kind}.${conversation}`, text);
  else sessionStorage.removeItem(`${DRAFT}${kind}.${conversation}`);
}

/* What was typed in one that became another, below what was being typed there. */
export function moveDraft(from, to, kind) {
  const both = [draft(to, kind), draft(from, kind)].filter(Boolean).join("\n");
  keepDraft(to, kind, both);
  keepDraft(from, kind, "");
}

/* A reply whose answer has not come: after a reload nobody else remembers that it may have left. */
export const onItsWay = (conversation) => JSON.parse(sessionStorage.getItem(SENDING + conversation));
export const keepOnItsWay = (conversation, sending) =>
  sessionStorage.setItem(SENDING + conversation, JSON.stringify(sending));
export const hasArrived = (conversation) => sessionStorage.removeItem(SENDING + conversation);

export function forgetDrafts() {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith(DRAFT) || key.startsWith(SENDING)) sessionStorage.removeItem(key);
}

export const taste = (name, fallback) => localStorage.getItem(`baton.desk.${name}`) ?? fallback;
export const keepTaste = (name, value) => localStorage.setItem(`baton.desk.${name}`, value);
