// What a page of the dashboard does with our answers, and throws where the page would: a reading asks, and then reads.
"use strict";

const readings = {};

class Broken extends Error {}

const must = (fact, otherwise) => {
  if (!fact) throw new Broken(otherwise);
};

// As `new Date(x)` formatted by the page: of what is no date it throws, and the page is blank.
const dated = (value) => {
  must(typeof value === "string", `a date is ${value}`);
  return new Date(value).toISOString();
};

const datedOrNot = (value) => (value === null || value === undefined ? null : dated(value));

// Lists as each revision takes them: what it does not know is an empty list to it.
const inEnvelope = (answer) => answer.results || [];
const either = (answer) => (Array.isArray(answer) ? answer : answer.results || []);
const bare = (answer) => answer.map((each) => each);

const some = (list, of) => {
  must(list.length > 0, `no ${of} is shown`);
  return list;
};

const unique = (list, of) => {
  must(new Set(list.map((each) => each.id)).size === list.length, `${of} have the same key`);
  return list;
};

const oldestFirst = (list, field) => {
  const moments = list.map((each) => new Date(each[field]).getTime());
  must(moments.every((moment, place) => place === 0 || moments[place - 1] <= moment), "the chat is upside down");
  return list;
};

const initials = (name) => name.split(" ").map((word) => word[0]).join("").toUpperCase();

// `text`: how this revision finds the words of a refusal.
const caller = (base, token, text) => async (method, path, body) => {
  const headers = {};
  if (token) headers["Authorization"] = `Token ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`${base}/api/v1${path}`, {
    method, headers, body: sent, redirect: "error", signal: AbortSignal.timeout(15000),
  });
  const raw = await response.text();
  const answer = raw ? JSON.parse(raw) : null;
  if (!response.ok) throw new Error(text(answer));
  return answer;
};

const words = {
  F0: (body) => (body.error && body.error.message) || body.detail,
  F2: (body) => {
    const error = body.error;
    if (typeof error === "string") return error;
    return (error && (error.message || error.detail || error.error)) || body.message || body.detail;
  },
};
words.F3 = words.F2;

// Asked from Python. `about`: the ids of what there is.
window.asked = async (name, base, token, about) =>
  readings[name].ask(caller(base, token, words[name.slice(0, 2)]), about);

// Null, or why the page would break.
window.read = (name, answers, about) => {
  try {
    readings[name].read(answers, about);
    return null;
  } catch (error) {
    return String(error);
  }
};

// What is spoilt in the answers, one thing at a time, and does not break the reading: it would not have been seen.
window.unseen = (name, answers, about) =>
  Object.entries(readings[name].breaks)
    .filter(([, spoil]) => window.read(name, spoil(structuredClone(answers)), about) === null)
    .map(([what]) => what);

window.names = () => Object.keys(readings);

// What an answer is spoilt by.
const without = (object, ...fields) => {
  for (const field of fields) delete object[field];
};
