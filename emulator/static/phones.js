/* The phone page. No library, no build step: one customer in each row, one phone for each network.

   For browser tests, these names stay:
     [data-phone="5511988887777"][data-network="whatsapp"|"messenger"|"instagram"]   one phone; everything below is inside it
       [data-role="owner"][data-state]                 who answers now: bot, pending, human, none
       [data-role="take"] [data-role="release"] [data-role="reply-input"] [data-role="reply"]
       [data-role="in-flight"] [data-role="desk-problem"]
       [data-role="phone-input"] [data-role="phone-send"]   the shop answers on its own phone, or in the network's inbox
       [data-role="account"]                           the account written to (a select when there are several)
       [data-role="messages"]                          the chat
       [data-message="ID"][data-by][data-kind][data-status][data-elsewhere] with [data-role="text"] and [data-role="ticks"]
       [data-role="choice"][data-id]                   a button, or a quick reply
       [data-role="card"] [data-role="picture"]        of a template; a picture
       [data-role="open-list"], then [data-role="sheet"] with [data-role="row"][data-id] and [data-role="close-sheet"]
       [data-role="react"], then [data-role="emoji"][data-emoji]; [data-role="quote"] answers that message
       [data-role="unsend"]                            the customer takes a message back (Instagram)
       [data-role="typing"] [data-role="suggestion"] [data-role="input"] [data-role="send"]
     #language [data-language="pt-BR"|"en"], #add-phone, #new-name, #new-number, #new-language, #new-create,
     [data-role="more"], then [data-role="kinds"] with [data-role="kind"] [data-role="kind-json"] [data-role="send-kind"]
     #traffic-toggle, #traffic with #traffic-kind, #traffic-filter and li[data-kind][data-n]: [data-role="copy"] [data-role="resend"]
     #trials-toggle, #trials with #clock-hour, #clock-day, #clock-week, #clock-now, #faults-preset, #faults-json, #faults-apply,
       #faults-none, #faults-now, #forget, li[data-scenario][data-passed]: [data-role="run"] [data-role="verdict"]
     #trouble
*/
import { Chat } from "./chat.js";
import { $, call, el, trouble } from "./dom.js";
import { NETWORKS } from "./networks.js";
import { accountsOf, page } from "./state.js";
import { showTraffic, toggleTraffic, traffic } from "./traffic.js";
import { clockMoved, draw as drawTrials, faultsChanged, played } from "./trials.js";
import { WORDS, language, speakIn, word } from "./words.js";

class Customer {
  constructor(customer) {
    this.customer = customer;
    this.chats = new Map();
    this.heading = el("h2", { class: "label", id: `name-${customer.phone}` });
    this.lines = el("div", { class: "lines" });
    this.node = el("article", { class: "customer", "aria-labelledby": this.heading.id }, this.heading, this.lines);
    this.relabel();
  }

  relabel() {
    const { name, phone, language: speaks } = this.customer;
    this.heading.textContent = `${name} · +${phone} · ${speaks}`;
    const shown = NETWORKS.filter((network) => accountsOf(network).length);
    this.showLines(shown.length ? shown : NETWORKS.slice(0, 1));
    for (const chat of this.chats.values()) {
      chat.customer = this.customer;
      chat.relabel();
    }
  }

  /* One for each network on which the business can be reached. */
  showLines(networks) {
    for (const [network, chat] of this.chats) if (!networks.includes(network)) { chat.node.remove(); this.chats.delete(network); }
    for (const network of networks) if (!this.chats.has(network)) this.chats.set(network, new Chat(this.customer, network));
    const nodes = networks.map((network) => this.chats.get(network).node);
    if (nodes.some((node, n) => this.lines.children[n] !== node)) this.lines.replaceChildren(...nodes);
    this.node.dataset.lines = String(networks.length);
  }

  of(account) {
    return this.chats.get(page.accounts.find((a) => a.id === account)?.channel);
  }

  put(item) { this.of(item.account)?.put(item); }
  each(act) { for (const chat of this.chats.values()) act(chat); }
}

function everyChat(act) { for (const customer of page.customers.values()) customer.each(act); }

function speak(name) {
  speakIn(name);
  localStorage.setItem("language", language());
  document.documentElement.lang = language();
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = word(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", word(node.dataset.tLabel));
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === language()));
  for (const customer of page.customers.values()) customer.relabel();
  if (!$("traffic").hidden) showTraffic();
  drawTrials();
}

async function loadPeople() {
  const [accounts, customers, health] = await Promise.all([call("GET", "accounts"), call("GET", "customers"), call("GET", "health")]);
  page.accounts = accounts.items;
  page.demo = health.demo;
  const here = new Set(customers.items.map((c) => c.phone));
  for (const [phone, shown] of page.customers) if (!here.has(phone)) { shown.node.remove(); page.customers.delete(phone); }
  for (const customer of customers.items) {
    const known = page.customers.get(customer.phone);
    if (known) { known.customer = customer; known.relabel(); continue; }
    const shown = new Customer(customer);
    page.customers.set(customer.phone, shown);
    $("phones").append(shown.node);
  }
}

/* All is read whole; the feed goes on from before that, so that nothing falls between. */
async function begin() {
  if (page.feed) page.feed.close();
  const { feed: cursor } = await call("GET", "health");
  await loadPeople();
  for (const shown of page.customers.values()) {
    const history = await call("GET", `chat?customer=${shown.customer.phone}`);
    shown.each((chat) => chat.clear());
    for (const item of history.items.sort((a, b) => a.at_ms - b.at_ms)) shown.put(item);
    shown.each((chat) => { chat.draw(); chat.toEnd(); chat.desk.ask(); });
  }
  follow(cursor);
}

function follow(cursor) {
  const phones = [...page.customers.keys()].join(",");
  const feed = new EventSource(`/emulator/feed?phones=${phones}&after=${cursor}`);
  page.feed = feed;
  const on = (kind, handler) => feed.addEventListener(kind, (e) => handler(JSON.parse(e.data)));
  on("item", (item) => {
    const chat = page.customers.get(item.customer)?.of(item.account);
    if (!chat) return;
    chat.put(item);
    chat.showTyping();
    chat.draw();
  });
  on("typing", ({ account, customer, on: isOn }) => {
    const chat = page.customers.get(customer)?.of(account);
    if (chat && chat.chosen()?.id === account) chat.setTyping(isOn);
  });
  on("demo", ({ customer }) => page.customers.get(customer)?.each((chat) => chat.desk.ask()));
  on("request", (entry) => traffic("request", entry));
  on("webhook", (entry) => traffic("webhook", entry));
  on("scenario", played);
  on("faults", faultsChanged);
  on("clock", clockMoved);
  on("people", again);
  on("reload", again);
  feed.onopen = () => trouble("");
  feed.onerror = () => { trouble(word("lost")); if (feed.readyState === EventSource.CLOSED) setTimeout(again, 1500); };
}

function again() {
  page.feed?.close();
  begin().then(() => trouble("")).catch(() => { trouble(word("lost")); setTimeout(again, 1500); });
}

async function createPhone(event) {
  event.preventDefault();
  try {
    await call("POST", "customers", { name: $("new-name").value.trim(), phone: $("new-number").value, language: $("new-language").value });
    $("new-phone").close();
    $("new-phone-form").reset();
  } catch (error) {
    $("new-problem").textContent = error.message;
  }
}

for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
$("add-phone").addEventListener("click", () => {
  $("new-problem").textContent = "";
  $("new-language").value = language();
  $("new-phone").showModal();
});
$("new-cancel").addEventListener("click", () => $("new-phone").close());
$("new-phone-form").addEventListener("submit", createPhone);
$("traffic-toggle").addEventListener("click", toggleTraffic);
document.addEventListener("visibilitychange", () => everyChat((chat) => chat.draw()));
setInterval(() => { if (document.visibilityState === "visible") everyChat((chat) => chat.desk.ask()); }, 2000);
const stored = localStorage.getItem("language");
speak(stored in WORDS ? stored : navigator.language.toLowerCase().startsWith("pt") ? "pt-BR" : "en");
again();
