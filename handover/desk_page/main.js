// The desk page: everything begins here. The address names the conversation on the screen; the API does the rest.

import * as account from "./account.js";
import * as beginning from "./beginning.js";
import * as commands from "./commands.js";
import * as context from "./context.js";
import * as feed from "./feed.js";
import * as follow from "./follow.js";
import * as lists from "./lists.js";
import * as reply from "./reply.js";
import * as silence from "./silence.js";
import * as stopped from "./stopped.js";
import * as thread from "./thread.js";
import * as transcript from "./transcript.js";
import { openConversation } from "./conversation.js";
import { byId } from "./element.js";
import { forgetToken, token } from "./kept.js";
import { desk, tell, watch } from "./state.js";
import { errorWord, preferred } from "./texts.js";

const ID = /^#(cnv_[\w-]{1,80})$/;

/* On a narrow screen one pane is seen at a time: the list, the conversation, or its context. */
function showPane(name) {
  byId("panes").dataset.pane = name;
}

function goWhereTheAddressSays() {
  if (!desk.me) return;
  const id = ID.exec(location.hash)?.[1] ?? null;
  const changed = (desk.open?.id ?? null) !== id;
  openConversation(id);
  showPane(id ? "conversation" : "list");
  if (changed && id) queueMicrotask(() => byId("open-name").focus({ preventScroll: true })); // once it is drawn
}

function back() {
  const last = desk.open?.id;
  location.hash = "";
  requestAnimationFrame(() => document.querySelector(`[data-conversation="${last}"]`)?.focus());
}

function toggleContext() {
  const showing = byId("panes").dataset.pane === "context";
  showPane(showing ? "conversation" : "context");
  drawPanes();
  (showing ? byId("details") : byId("context-title")).focus();
}

function drawPanes() {
  byId("details").setAttribute("aria-expanded", String(byId("panes").dataset.pane === "context"));
}

function closeMenusOnEscape(event) {
  if (event.key !== "Escape" || !byId("menu").open) return;
  byId("menu").open = false;
  byId("menu").querySelector("summary").focus();
}

async function begin() {
  const speak = account.begin(goWhereTheAddressSays);
  for (const part of [lists, transcript, commands, thread, reply, beginning, context, silence, stopped, feed, follow]) part.begin();
  watch(drawPanes);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    (desk.open ? byId("open-name") : byId("conversation")).focus();
  });
  byId("back").addEventListener("click", back);
  for (const id of ["details", "context-back"]) byId(id).addEventListener("click", toggleContext);
  window.addEventListener("hashchange", goWhereTheAddressSays);
  document.addEventListener("keydown", closeMenusOnEscape);
  document.addEventListener("click", (event) => {
    for (const id of ["menu", "rest"]) if (!byId(id).contains(event.target)) byId(id).open = false;
  });
  speak(preferred());
  if (!token()) return account.showSignIn();
  try {
    await account.enter();
  } catch (error) {
    if (error.status === 401) forgetToken();
    account.showSignIn(errorWord(error));
  }
  tell();
}

begin();
