// The door: a name and a password, or a token. Which of them was used last in this browser is shown first.

import { ApiError, get, patch, post } from "./api.js";
import { byId } from "./element.js";
import { keepTaste, keepToken, taste } from "./kept.js";
import { errorWord, word } from "./texts.js";

const OTHER = { password: "token", token: "password" };
const FIRST = { password: "name", token: "token" };
const way = () => (taste("way", "password") === "token" ? "token" : "password");

/* A way that is not shown can't be filled in, nor keep the form from being sent. */
export function showWay(name = way()) {
  for (const each of Object.keys(OTHER)) {
    byId(`by-${each}`).hidden = each !== name;
    byId(`by-${each}`).disabled = each !== name;
  }
  byId("other-way").dataset.t = name === "password" ? "withToken" : "withPassword";
  byId("other-way").textContent = word(byId("other-way").dataset.t);
  byId(FIRST[name]).focus();
}

async function withPassword() {
  const given = { name: byId("name").value.trim(), password: byId("password").value };
  const { token, operator } = await post("/sign-in", given);
  for (const id of ["name", "password"]) byId(id).value = "";
  keepToken(token, { ends: true });
  return operator;
}

async function withToken() {
  const given = byId("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(given)) throw new ApiError("unauthorized", "", 401); // no header could carry it
  const me = await get("/me", { bearer: given });
  byId("token").value = "";
  keepToken(given);
  return me;
}

/* `enter` shows the desk. */
export async function signIn(enter) {
  const problem = byId("sign-in-problem"),
    submit = byId("sign-in-button"),
    chosen = byId("by-token").hidden ? "password" : "token";
  if (submit.disabled) return;
  problem.textContent = "";
  submit.disabled = true;
  try {
    const me = await (chosen === "password" ? withPassword() : withToken());
    keepTaste("way", chosen);
    if (me.presence !== "online") await patch("/me", { presence: "online" }).catch(() => {});
    await enter();
  } catch (error) {
    problem.textContent = chosen === "token" && error.status === 401 ? word("wrongToken") : errorWord(error);
    byId(chosen).focus();
    byId(chosen).select();
  } finally {
    submit.disabled = false;
  }
}

export function begin() {
  byId("other-way").addEventListener("click", () => {
    byId("sign-in-problem").textContent = "";
    showWay(OTHER[byId("by-token").hidden ? "password" : "token"]);
  });
}
