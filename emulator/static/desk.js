/* Above each phone: who answers now, and the two ways in which a person of the shop answers. */
import { call, el, trouble } from "./dom.js";
import { LOOKS } from "./networks.js";
import { page } from "./state.js";
import { word } from "./words.js";

const role = (name, extra = {}) => ({ "data-role": name, ...extra });

function line(name, send, act) {
  const input = el("input", role(name, { autocomplete: "off", maxlength: 4096 }));
  const button = el("button", role(send, { type: "submit" }));
  const form = el("form", { class: "row", on: { submit: (e) => { e.preventDefault(); act(); } } }, input, button);
  return { input, button, form };
}

export class Desk {
  /* `chat` tells the account and the customer. */
  constructor(chat) {
    this.chat = chat;
    this.desk = { state: null, owner: null, in_flight: 0 };
    this.busy = false;
    this.owner = el("span", role("owner", { class: "pill", "aria-live": "polite" }));
    this.take = el("button", role("take", { type: "button", class: "strong", on: { click: () => this.act("take") } }));
    this.release = el("button", role("release", { type: "button", on: { click: () => this.act("release") } }));
    this.replying = line("reply-input", "reply", () => this.reply());
    this.phone = line("phone-input", "phone-send", () => this.answerOnPhone());
    this.inFlight = el("p", role("in-flight", { class: "note warn", "aria-live": "polite", hidden: true }));
    this.problem = el("p", role("desk-problem", { class: "note bad", "aria-live": "polite", hidden: true }));
    this.buttons = el("div", { class: "row" }, this.take, this.release);
    this.whoLabel = el("span", { class: "label" });
    this.noDemo = el("p", { class: "note" });
    this.network = el("h3", { class: "network" });
    this.node = el("section", { class: "desk" }, this.network, el("div", { class: "who" }, this.whoLabel, this.owner),
      this.buttons, this.replying.form, this.phone.form, this.inFlight, this.problem, this.noDemo);
  }

  relabel() {
    const inbox = LOOKS[this.chat.network].inbox;
    this.network.textContent = LOOKS[this.chat.network].name;
    this.whoLabel.textContent = word("whoAnswers");
    this.take.textContent = word("take");
    this.release.textContent = word("release");
    this.noDemo.textContent = word("noDemo");
    this.say(this.replying, word("replyAs"), word("reply"));
    this.say(this.phone, word(inbox ? "onInbox" : "onPhone"), word(inbox ? "answerOnInbox" : "answerOnPhone"));
    this.show();
  }

  say({ input, button }, what, action) {
    input.placeholder = what;
    input.setAttribute("aria-label", what);
    button.textContent = action;
  }

  show() {
    const { state, owner, in_flight: inFlight } = this.desk;
    const known = ["bot", "pending", "human"].includes(state) ? state : "none";
    this.owner.dataset.state = known;
    this.owner.textContent = known === "human" && owner ? owner : word(known);
    this.noDemo.hidden = page.demo;
    for (const part of [this.buttons, this.replying.form, this.owner.parentElement]) part.hidden = !page.demo;
    this.take.disabled = this.busy || known === "none" || known === "human";
    this.release.disabled = this.busy || known === "none" || known === "bot";
    this.replying.button.disabled = this.busy || known === "none";
    this.phone.input.disabled = this.phone.button.disabled = !this.chat.chosen();
    this.inFlight.hidden = !inFlight;
    this.inFlight.textContent = inFlight ? word("inFlight")(inFlight) : "";
  }

  async ask() {
    if (!page.demo || !this.chat.chosen() || this.busy) return;
    await this.desking("state");
  }

  async act(action, text) {
    this.busy = true;
    this.show();
    const done = await this.desking(action, text);
    this.busy = false;
    this.show();
    return done;
  }

  async reply() {
    const text = this.replying.input.value.trim();
    if (text && await this.act("reply", text)) this.replying.input.value = "";
  }

  async answerOnPhone() {
    const text = this.phone.input.value.trim();
    if (!text) return;
    this.phone.input.value = "";
    try {
      const answer = await call("POST", "phone", { account: this.chat.chosen().id, customer: this.chat.customer.phone, text });
      trouble(answer.status === 200 ? "" : `${word("retry")}: ${answer.problem || answer.status}`);
    } catch (error) {
      trouble(error.message);
    }
    this.ask();
  }

  async desking(action, text) {
    const who = this.chat.chosen().id;
    try {
      const answer = await call("POST", "demo", { account: who, customer: this.chat.customer.phone, action, ...(text ? { text } : {}) });
      // A poll that was overtaken by a click says nothing new; nor does it know of what was in flight.
      if (action === "state" && (this.busy || this.chat.chosen()?.id !== who)) return true;
      const kept = action === "state" && answer.state === this.desk.state ? this.desk.in_flight : 0;
      this.desk = { ...answer, in_flight: answer.in_flight || kept };
      this.problem.hidden = true;
      this.show();
      return true;
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
      return false;
    }
  }
}
