/* One phone: a customer on one network, with the accounts of the business there. */
import { bubble, quickReplies } from "./bubble.js";
import { Desk } from "./desk.js";
import { call, el, focusKey, icon, initials, trouble } from "./dom.js";
import { openKinds } from "./kinds.js";
import { LOOKS, UNSEEN } from "./networks.js";
import { accountsOf } from "./state.js";
import { SUGGESTIONS, word } from "./words.js";

const role = (name, extra = {}) => ({ "data-role": name, ...extra });

export class Chat {
  constructor(customer, network) {
    this.customer = customer;
    this.network = network;
    this.items = new Map();
    this.answered = new Set();
    this.replyTo = null;
    this.typingUntil = 0;
    this.stored = `account ${network} ${customer.phone}`;
    this.account = localStorage.getItem(this.stored) || "";
    this.build();
  }

  chosen() {
    const own = accountsOf(this.network);
    return own.find((a) => a.id === this.account) || own[0];
  }

  build() {
    this.desk = new Desk(this);
    this.avatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.accountPlace = el("div", { class: "to" });
    this.subtitle = el("span", { "aria-live": "polite" });
    this.messages = el("div", role("messages", { class: "messages", role: "log", tabindex: "0" }));
    this.messages.addEventListener("load", () => { if (this.atEnd) this.toEnd(); }, true); // a picture that comes late
    this.input = el("textarea", role("input", { rows: 1, maxlength: LOOKS[this.network].longest, on: {
      keydown: (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.send(); } },
    } }));
    this.moreButton = el("button", role("more", { type: "button", class: "more", text: "+", on: { click: () => this.more() } }));
    this.sendButton = el("button", role("send", { type: "submit", class: "send" }), icon("send"));
    this.replying = el("div", { class: "replying", hidden: true });
    this.quick = el("div", { class: "quick-place" });
    this.screen = el("div", { class: "screen" },
      el("div", { class: "bar" }, this.avatar, this.accountPlace),
      this.messages,
      el("div", { class: "composer" }, this.quick, this.replying,
        el("form", { on: { submit: (e) => { e.preventDefault(); this.send(); } } }, this.moreButton, this.input, this.sendButton)));
    this.node = el("section", { class: "line", "data-phone": this.customer.phone, "data-network": this.network },
      this.desk.node, el("div", { class: "phone" }, this.screen));
    this.relabel();
  }

  relabel() {
    const { name } = this.customer;
    const where = `${name}, ${LOOKS[this.network].name}`;
    this.node.setAttribute("aria-label", where);
    this.input.placeholder = word("message");
    this.input.setAttribute("aria-label", `${word("message")} (${where})`);
    this.sendButton.setAttribute("aria-label", word("send"));
    this.moreButton.setAttribute("aria-label", word("more"));
    this.moreButton.title = word("more");
    this.messages.setAttribute("aria-label", `${word("chat")} (${where})`);
    this.showAccounts();
    this.desk.relabel();
    this.draw();
  }

  showAccounts() {
    const chosen = this.chosen(), own = accountsOf(this.network);
    const choose = (e) => {
      this.account = e.target.value;
      localStorage.setItem(this.stored, this.account);
      this.answer(null);
      this.showAccounts();
      this.draw();
      this.desk.ask();
    };
    this.avatar.textContent = chosen ? initials(chosen.name) : "–";
    const name = own.length > 1
      ? el("select", { "data-role": "account", "aria-label": word("writeTo"), on: { change: choose } },
        ...own.map((a) => el("option", { value: a.id, text: a.name, selected: a === chosen })))
      : el("strong", { "data-role": "account", text: chosen ? chosen.name : "–" });
    this.accountPlace.replaceChildren(name, this.subtitle);
    this.input.disabled = this.sendButton.disabled = this.moreButton.disabled = !chosen;
    this.showTyping();
  }

  clear() {
    this.items.clear();
    this.typingUntil = 0;
  }

  put(item) {
    this.items.set(item.id, item);
    if (item.by === "business" && item.kind !== "reaction") this.typingUntil = 0;
  }

  mine() {
    const account = this.chosen();
    return [...this.items.values()].filter((i) => account && i.account === account.id && !UNSEEN.includes(i.kind));
  }

  draw() {
    const items = this.mine();
    const list = this.messages;
    this.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    this.answered = new Set(items.filter((i) => i.by === "customer" && ["button", "list"].includes(i.kind)).map((i) => i.reply_to));
    const nodes = items.map((item) => bubble(this, item));
    if (!items.length) nodes.push(this.emptyNote());
    if (this.typingUntil > Date.now()) {
      nodes.push(el("div", { class: "typing", "data-role": "typing", "aria-label": word("typing") }, el("i"), el("i"), el("i")));
    }
    const focused = document.activeElement && list.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    list.replaceChildren(...nodes);
    const last = items[items.length - 1];
    this.quick.replaceChildren(...(last && last.view.quick_replies ? [quickReplies(this, last)] : []));
    if (focused) list.querySelector(focused)?.focus({ preventScroll: true });
    if (this.atEnd) this.toEnd();
    if (items.some((i) => i.by === "business" && i.status !== "read")) this.lookedAt();
  }

  toEnd() { this.messages.scrollTop = this.messages.scrollHeight; }

  emptyNote() {
    if (!this.chosen()) return el("p", { class: "empty", text: word("noAccount") });
    const offers = SUGGESTIONS[this.customer.language.startsWith("pt") ? "pt-BR" : "en"];
    return el("div", { class: "empty" }, word("empty"), el("div", { class: "choices" }, ...offers.map((text) =>
      el("button", { type: "button", "data-role": "suggestion", text, on: { click: () => this.say({ text }) } }))));
  }

  answer(item) {
    this.replyTo = item ? item.id : null;
    this.replying.hidden = !item;
    this.replying.replaceChildren(...(item ? [el("div", { class: "quote", text: `${word("answered")}: ${item.text}` }),
      el("button", { type: "button", "aria-label": word("stop"), text: "✕", on: { click: () => this.answer(null) } })] : []));
    if (item) this.input.focus();
  }

  async more() {
    try {
      await openKinds(this, this.moreButton);
    } catch (error) {
      trouble(error.message);
    }
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    const reply = this.replyTo ? { reply_to: this.replyTo } : {};
    this.answer(null);
    await this.say({ text, ...reply });
  }

  async say(what) {
    this.toEnd();
    try {
      await call("POST", "say", { account: this.chosen().id, customer: this.customer.phone, ...what });
    } catch (error) {
      trouble(error.message);
    }
    this.desk.ask();
  }

  /* It ends by itself after a while, as with Meta. */
  setTyping(on) {
    const { typingMs } = LOOKS[this.network];
    this.typingUntil = on ? Date.now() + typingMs : 0;
    if (on) setTimeout(() => { if (this.typingUntil && this.typingUntil <= Date.now()) this.setTyping(false); }, typingMs + 50);
    this.showTyping();
    this.draw();
  }

  showTyping() {
    const chosen = this.chosen();
    const about = this.network === "whatsapp" ? chosen?.display_phone_number : LOOKS[this.network].name;
    this.subtitle.textContent = this.typingUntil > Date.now() ? word("typing") : chosen ? about : "";
  }

  lookedAt() {
    if (document.visibilityState !== "visible" || this.looking) return;
    this.looking = setTimeout(() => {
      this.looking = null;
      call("POST", "read", { account: this.chosen().id, customer: this.customer.phone }).catch(() => {});
    }, 120);
  }
}
