// Asking the API. Every request ends, by itself or by its deadline; every failure can be told in the reader's language.

import { errorWord, language } from "./texts.js";
import { token } from "./kept.js";

const DEADLINE_MS = 20000;

/* `code`: the API's, or `unreachable`: then nobody knows whether it was done. `status` 0: there was no answer. */
export class ApiError extends Error {
  constructor(code, message, status, facts = {}) {
    super(message);
    Object.assign(this, { code, status, facts });
  }

  get told() {
    return errorWord(this);
  }
}

let refused = () => {};
export function whenTokenIsRefused(act) {
  refused = act;
}

/* `sent`: a body with its headers. `read`: what is made of the answer, where it is none of a refusal. */
async function request(
  method,
  path,
  sent,
  read,
  { deadlineMs = DEADLINE_MS, bearer = token(), stop = new AbortController(), headers = {} } = {},
) {
  const timer = setTimeout(() => stop.abort(), deadlineMs);
  let answer, status;
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      signal: stop.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      headers: {
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        "Accept-Language": language(),
        ...sent.headers,
        ...headers,
      },
      body: sent.body,
    });
    status = response.status;
    answer = await (status < 400 ? read(response) : response.json());
  } catch {
    throw new ApiError("unreachable", "", 0);
  } finally {
    clearTimeout(timer);
  }
  if (status < 400) return answer;
  const error = answer?.error ?? {};
  if (status === 401 && bearer === token()) refused();
  throw new ApiError(error.code ?? "error", error.message ?? "", status, error);
}

const asJson = (body) =>
  body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
const json = (response) => response.json();

export const call = (method, path, body, options) => request(method, path, asJson(body), json, options);
export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}) => call("POST", path, body);
/* A file's bytes, there and back; they take their time. */
const PATIENT = { deadlineMs: 180000 };
export const bytes = (path) => request("GET", path, {}, (response) => response.blob(), PATIENT);
export const upload = (path, file) => request("POST", path, { headers: named(file), body: file }, json, PATIENT);
const named = (file) => ({
  "Content-Type": "application/octet-stream",
  "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
});
export const patch = (path, body) => call("PATCH", path, body);

const of = (id) => `/conversations/${encodeURIComponent(id)}`;
export const conversationPath = (id, rest = "") => of(id) + rest;
