/* The phone page. No library, no build step; everything from outside is set with textContent.

   For browser tests, these names stay:
     [data-phone="5511988887777"]                      one customer; everything below is inside it
       [data-role="owner"][data-state]                 who answers now: bot, pending, human, none
       [data-role="take"] [data-role="release"] [data-role="reply-input"] [data-role="reply"]
       [data-role="in-flight"] [data-role="desk-problem"]
       [data-role="phone-input"] [data-role="phone-send"]   the shop answers on its own phone
       [data-role="account"]                           the number written to (a select when there are several)
       [data-role="messages"]                          the chat
       [data-message="ID"][data-by][data-kind][data-status][data-elsewhere] with [data-role="text"] and [data-role="ticks"]
       [data-role="choice"][data-id]                   a reply button
       [data-role="open-list"], then [data-role="sheet"] with [data-role="row"][data-id] and [data-role="close-sheet"]
       [data-role="react"], then [data-role="emoji"][data-emoji]; [data-role="quote"] answers that message
       [data-role="typing"] [data-role="suggestion"] [data-role="input"] [data-role="send"]
     #language [data-language="pt-BR"|"en"], #add-phone, #new-name, #new-number, #new-language, #new-create,
     #traffic-toggle, #traffic, #trouble
*/
"use strict";

const WORDS = {
  "pt-BR": {
    title: "Telefones", subtitle: "Escreva como cliente e veja quem responde.", language: "Idioma",
    banner: "Isto faz as vezes da Meta: nada sai desta máquina.",
    traffic: "Tráfego", trafficHint: "O que foi e voltou, do mais novo para o mais antigo.",
    addPhone: "Novo telefone", name: "Nome", number: "Telefone, com o código do país", speaks: "Idioma da pessoa",
    cancel: "Cancelar", add: "Criar", whoAnswers: "Quem responde agora", bot: "Assistente", pending: "Esperando uma pessoa",
    human: "Uma pessoa", none: "Ninguém ainda", take: "Assumir", release: "Devolver", reply: "Responder",
    replyAs: "Responder como atendente…", inFlight: (n) => `${n} resposta(s) do assistente já estava(m) a caminho.`,
    onPhone: "Responder no celular da loja…", answerOnPhone: "Celular", phone: "no celular da loja", app: "outro aplicativo",
    noDemo: "Sem produto ligado para demonstração: os botões ficam fora.", message: "Mensagem", send: "Enviar",
    typing: "digitando…", writeTo: "Número da empresa", empty: "Escreva a primeira mensagem. Por exemplo:",
    noAccount: "Ainda não há nenhum número da empresa aqui. Crie um com POST /emulator/accounts.",
    retry: "não chegou ao produto", answered: "Respondendo a", react: "Reagir", quote: "Responder a esta mensagem",
    close: "Fechar", lost: "Sem ligação com o emulador. Tentando de novo…", chat: "Conversa", stop: "Não responder a esta",
    image: "Imagem", video: "Vídeo", audio: "Áudio", document: "Documento", sticker: "Figurinha", location: "Local",
    contacts: "Contato", template: "Modelo", unsupported: "Mensagem sem suporte", raw: "Mensagem crua", open: "Abrir",
    sending: "enviando", sent: "enviada", delivered: "entregue", read: "lida", refused: "não entregue",
  },
  en: {
    title: "Phones", subtitle: "Write as a customer and see who answers.", language: "Language",
    banner: "This is a stand-in for Meta: nothing leaves this machine.",
    traffic: "Traffic", trafficHint: "What went and came, newest first.",
    addPhone: "Add a phone", name: "Name", number: "Phone, with country code", speaks: "Language of this person",
    cancel: "Cancel", add: "Add", whoAnswers: "Who answers now", bot: "Assistant", pending: "Waiting for a person",
    human: "A person", none: "Nobody yet", take: "Take", release: "Release", reply: "Reply",
    replyAs: "Reply as a person…", inFlight: (n) => `${n} answer(s) of the assistant had already left.`,
    onPhone: "Answer on the shop's phone…", answerOnPhone: "Phone", phone: "on the shop's phone", app: "another app",
    noDemo: "No product is connected for demonstration, so its buttons are left out.", message: "Message", send: "Send",
    typing: "typing…", writeTo: "Number of the business", empty: "Write the first message. For example:",
    noAccount: "There is no business number here yet. Add one with POST /emulator/accounts.",
    retry: "did not reach the product", answered: "Answering", react: "React", quote: "Answer this message",
    close: "Close", lost: "The emulator is not reachable. Trying again…", chat: "Chat", stop: "Do not answer this one",
    image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker", location: "Location",
    contacts: "Contact", template: "Template", unsupported: "Unsupported message", raw: "Raw message", open: "Open",
    sending: "sending", sent: "sent", delivered: "delivered", read: "read", refused: "not delivered",
  },
};
const SUGGESTIONS = {
  "pt-BR": ["Oi!", "Qual é o horário de vocês?", "Quero falar com uma pessoa"],
  en: ["Hi!", "When are you open?", "I want to talk to a person"],
};
const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const CARDS = ["image", "video", "audio", "document", "sticker", "location", "contacts", "template", "unsupported", "raw"];
const TYPING_MS = 25000; // it ends by itself after 25 s, as with Meta
const ICONS = {
  send: "M4 12 20 4l-5 16-3-7z", quote: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  smile: "M12 3a9 9 0 1 0 .01 0M8.5 14a4 4 0 0 0 7 0M9 9.5v.01M15 9.5v.01", paper: "M7 3h7l4 4v14H7zM14 3v4h4",
};

const $ = (id) => document.getElementById(id);
const page = { language: "en", accounts: [], demo: false, phones: new Map(), feed: null, trafficItems: [] };

function word(key) { return WORDS[page.language][key]; }

function el(tag, attributes = {}, ...children) {
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

function drawing(path, viewBox, className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

async function call(method, path, body) {
  const options = method === "GET" ? {} :
    { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
  const response = await fetch(`/emulator/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ? answer.error.message : String(response.status));
  return answer;
}

/* Text with links, *bold* and _italic_, as nodes. */
function richText(text) {
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

function clock(ms) {
  return new Intl.DateTimeFormat(page.language, { hour: "numeric", minute: "2-digit" }).format(ms);
}

class Phone {
  constructor(customer) {
    this.customer = customer;
    this.items = new Map();
    this.replyTo = null;
    this.typingUntil = 0;
    this.desk = { state: null, owner: null, in_flight: 0 };
    this.deskBusy = false;
    this.account = localStorage.getItem(`account ${customer.phone}`) || "";
    this.build();
  }

  key(name) { return `${name}-${this.customer.phone}`; }

  chosen() { return page.accounts.find((a) => a.id === this.account) || page.accounts[0]; }

  build() {
    const role = (name, extra = {}) => ({ "data-role": name, ...extra });
    this.owner = el("span", role("owner", { class: "pill", "aria-live": "polite" }));
    this.take = el("button", role("take", { type: "button", class: "strong", on: { click: () => this.act("take") } }));
    this.release = el("button", role("release", { type: "button", on: { click: () => this.act("release") } }));
    this.replyInput = el("input", role("reply-input", { id: this.key("reply"), autocomplete: "off", maxlength: 4096 }));
    this.replySend = el("button", role("reply", { type: "submit" }));
    this.inFlight = el("p", role("in-flight", { class: "note warn", "aria-live": "polite", hidden: true }));
    this.deskProblem = el("p", role("desk-problem", { class: "note bad", "aria-live": "polite", hidden: true }));
    this.replyForm = el("form", { class: "row", on: { submit: (e) => { e.preventDefault(); this.reply(); } } },
      this.replyInput, this.replySend);
    this.phoneInput = el("input", role("phone-input", { id: this.key("phone"), autocomplete: "off", maxlength: 4096 }));
    this.phoneSend = el("button", role("phone-send", { type: "submit" }));
    this.phoneForm = el("form", { class: "row", on: { submit: (e) => { e.preventDefault(); this.answerOnPhone(); } } },
      this.phoneInput, this.phoneSend);
    this.buttons = el("div", { class: "row" }, this.take, this.release);
    this.whoLabel = el("span", { class: "label" });
    this.noDemo = el("p", { class: "note" });
    this.avatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.accountPlace = el("div", { class: "to" });
    this.subtitle = el("span", { "aria-live": "polite" });
    this.messages = el("div", role("messages", { class: "messages", role: "log", tabindex: "0" }));
    this.input = el("textarea", role("input", { rows: 1, maxlength: 4096, id: this.key("input"), on: {
      keydown: (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.send(); } },
    } }));
    this.sendButton = el("button", role("send", { type: "submit", class: "send" }), drawing(ICONS.send, "0 0 24 24"));
    this.replying = el("div", { class: "replying", hidden: true });
    this.screen = el("div", { class: "screen" },
      el("div", { class: "bar" }, this.avatar, this.accountPlace),
      this.messages,
      el("div", { class: "composer" }, this.replying,
        el("form", { on: { submit: (e) => { e.preventDefault(); this.send(); } } }, this.input, this.sendButton)));
    this.heading = el("h2", { class: "label", id: this.key("name") });
    this.node = el("article", { class: "customer", "data-phone": this.customer.phone, "aria-labelledby": this.key("name") },
      el("section", { class: "desk" }, this.heading, el("div", { class: "who" }, this.whoLabel, this.owner),
        this.buttons, this.replyForm, this.phoneForm, this.inFlight, this.deskProblem, this.noDemo),
      el("div", { class: "phone" }, this.screen));
    this.relabel();
  }

  relabel() {
    const { name, phone, language } = this.customer;
    this.heading.textContent = `${name} · +${phone} · ${language}`;
    this.whoLabel.textContent = word("whoAnswers");
    this.take.textContent = word("take");
    this.release.textContent = word("release");
    this.replySend.textContent = word("reply");
    this.replyInput.placeholder = word("replyAs");
    this.replyInput.setAttribute("aria-label", word("replyAs"));
    this.phoneInput.placeholder = word("onPhone");
    this.phoneInput.setAttribute("aria-label", word("onPhone"));
    this.phoneSend.textContent = word("answerOnPhone");
    this.input.placeholder = word("message");
    this.input.setAttribute("aria-label", `${word("message")} (${name})`);
    this.sendButton.setAttribute("aria-label", word("send"));
    this.messages.setAttribute("aria-label", `${word("chat")} (${name})`);
    this.noDemo.textContent = word("noDemo");
    this.showAccounts();
    this.showDesk();
    this.draw();
  }

  showAccounts() {
    const chosen = this.chosen();
    const choose = (e) => { this.account = e.target.value; localStorage.setItem(`account ${this.customer.phone}`, this.account);
      this.answer(null); this.showAccounts(); this.draw(); this.askDesk(); };
    this.avatar.textContent = chosen ? initials(chosen.name) : "–";
    const name = page.accounts.length > 1
      ? el("select", { "data-role": "account", "aria-label": word("writeTo"), on: { change: choose } },
        ...page.accounts.map((a) => el("option", { value: a.id, text: a.name, selected: a === chosen })))
      : el("strong", { "data-role": "account", text: chosen ? chosen.name : "–" });
    this.accountPlace.replaceChildren(name, this.subtitle);
    this.input.disabled = this.sendButton.disabled = this.phoneInput.disabled = this.phoneSend.disabled = !chosen;
    this.showTyping();
  }

  /* The chat. */

  put(item) {
    this.items.set(item.id, item);
    if (item.by === "business" && item.kind !== "reaction") this.typingUntil = 0;
  }

  mine() {
    const account = this.chosen();
    return [...this.items.values()].filter((i) => account && i.account === account.id && i.kind !== "reaction");
  }

  draw() {
    const items = this.mine();
    const list = this.messages;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    this.answeredIds = new Set(items.filter((i) => i.by === "customer" && ["button", "list"].includes(i.kind)).map((i) => i.reply_to));
    const nodes = items.map((item) => this.bubble(item));
    if (!items.length) nodes.push(this.emptyNote());
    if (this.typingUntil > Date.now()) {
      nodes.push(el("div", { class: "typing", "data-role": "typing", "aria-label": word("typing") }, el("i"), el("i"), el("i")));
    }
    const focused = document.activeElement && list.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    list.replaceChildren(...nodes);
    if (focused) list.querySelector(focused)?.focus({ preventScroll: true });
    if (atEnd) list.scrollTop = list.scrollHeight;
    if (items.some((i) => i.by === "business" && i.status !== "read")) this.lookedAt();
  }

  emptyNote() {
    if (!this.chosen()) return el("p", { class: "empty", text: word("noAccount") });
    const offers = SUGGESTIONS[this.customer.language.startsWith("pt") ? "pt-BR" : "en"];
    return el("div", { class: "empty" }, word("empty"), el("div", { class: "choices" }, ...offers.map((text) =>
      el("button", { type: "button", "data-role": "suggestion", text, on: { click: () => this.say({ text }) } }))));
  }

  bubble(item) {
    const quoted = item.reply_to ? this.items.get(item.reply_to) : null;
    const bubble = el("div", { class: "bubble" },
      quoted && el("div", { class: "quote", text: quoted.text || word(quoted.kind) }),
      item.view.header ? el("h3", { text: item.view.header }) : null,
      CARDS.includes(item.kind) ? this.card(item) : null,
      el("div", { class: "text", "data-role": "text" }, ...richText(item.text)),
      item.kind === "interactive" && item.view.link ? el("div", {}, ...richText(item.view.link)) : null,
      item.view.footer ? el("p", { class: "footer", text: item.view.footer }) : null,
      this.meta(item));
    const given = Object.values(item.reactions).join(" ");
    return el("div", { class: "message", "data-message": item.id, "data-by": item.by, "data-kind": item.kind, "data-status": item.status,
      "data-elsewhere": item.view.elsewhere },
      bubble, given ? el("span", { class: "reactions", text: given }) : null, this.choices(item),
      item.status === "refused" ? el("span", { class: "problem", text: `${word("retry")}: ${item.problem}` }) : null,
      item.by === "business" ? this.hands(item) : null);
  }

  card(item) {
    const link = item.view.link
      ? el("a", { href: item.view.link, target: "_blank", rel: "noopener noreferrer", text: item.view.filename || word("open") })
      : item.view.filename || "";
    return el("div", { class: "card" }, iconPaper(), el("strong", { text: word(item.kind) }), link);
  }

  meta(item) {
    const where = item.view.elsewhere ? `${word(item.view.elsewhere)} · ` : "";
    const parts = [el("span", { text: where + clock(item.at_ms) })];
    if (item.by === "customer") parts.push(ticks(item.status));
    return el("div", { class: "meta" }, ...parts);
  }

  choices(item) {
    const used = this.answeredIds.has(item.id);
    if (item.view.buttons) {
      return el("div", { class: "choices" }, ...item.view.buttons.map((b) => el("button", { type: "button", disabled: used,
        "data-role": "choice", "data-id": b.id, text: b.title, on: { click: () => this.say({ button: b, reply_to: item.id }) } })));
    }
    if (!item.view.list) return null;
    return el("div", { class: "choices" }, el("button", { type: "button", "data-role": "open-list", text: `☰ ${item.view.list.button}`,
      on: { click: (e) => this.openSheet(item, e.currentTarget) } }));
  }

  hands(item) {
    const react = () => {
      const node = this.messages.querySelector(`[data-message="${CSS.escape(item.id)}"]`);
      const open = node.querySelector(".emojis");
      if (open) { open.remove(); return; }
      const give = (emoji) => this.say({ reaction: { message_id: item.id, emoji: item.reactions.customer === emoji ? "" : emoji } });
      node.append(el("div", { class: "emojis" }, ...EMOJIS.map((emoji) => el("button", { type: "button", "data-role": "emoji",
        "data-emoji": emoji, text: emoji, on: { click: () => give(emoji) } }))));
      node.querySelector(".emojis button").focus();
    };
    return el("div", { class: "hands" },
      el("button", { type: "button", "data-role": "react", "aria-label": word("react"), title: word("react"), on: { click: react } },
        drawing(ICONS.smile, "0 0 24 24")),
      el("button", { type: "button", "data-role": "quote", "aria-label": word("quote"), title: word("quote"),
        on: { click: () => this.answer(item) } }, drawing(ICONS.quote, "0 0 24 24")));
  }

  openSheet(item, opener) {
    const close = () => { sheet.remove(); opener.isConnected ? opener.focus() : this.input.focus(); };
    const choose = (row) => {
      sheet.remove();
      const { id, title, description } = row;
      this.say({ list: description ? { id, title, description } : { id, title }, reply_to: item.id });
      this.input.focus();
    };
    const rows = item.view.list.sections.flatMap((section) => [
      section.title ? el("h4", { text: section.title }) : null,
      ...section.rows.map((row) => el("button", { type: "button", class: "option", "data-role": "row", "data-id": row.id,
        on: { click: () => choose(row) } }, el("strong", { text: row.title }),
        row.description ? el("small", { text: row.description }) : null)),
    ]);
    const sheet = el("div", { class: "sheet", "data-role": "sheet", role: "dialog", "aria-modal": "true", "aria-label": item.view.list.button,
      on: { keydown: (e) => { if (e.key === "Escape") close(); else keepInside(e, sheet); },
        click: (e) => { if (e.target === sheet) close(); } } },
      el("div", {}, el("header", {}, el("strong", { text: item.view.list.button }),
        el("button", { type: "button", "data-role": "close-sheet", "aria-label": word("close"), text: "✕", on: { click: close } })),
      ...rows.filter(Boolean)));
    this.screen.append(sheet);
    sheet.querySelector(".option").focus();
  }

  answer(item) {
    this.replyTo = item ? item.id : null;
    this.replying.hidden = !item;
    this.replying.replaceChildren(...(item ? [el("div", { class: "quote", text: `${word("answered")}: ${item.text}` }),
      el("button", { type: "button", "aria-label": word("stop"), text: "✕", on: { click: () => this.answer(null) } })] : []));
    if (item) this.input.focus();
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
    this.messages.scrollTop = this.messages.scrollHeight;
    try {
      await call("POST", "say", { account: this.chosen().id, customer: this.customer.phone, ...what });
    } catch (error) {
      trouble(error.message);
    }
    this.askDesk();
  }

  setTyping(on) {
    this.typingUntil = on ? Date.now() + TYPING_MS : 0;
    if (on) setTimeout(() => { if (this.typingUntil && this.typingUntil <= Date.now()) this.setTyping(false); }, TYPING_MS + 50);
    this.showTyping();
    this.draw();
  }

  showTyping() {
    const chosen = this.chosen();
    this.subtitle.textContent = this.typingUntil > Date.now() ? word("typing") : chosen ? chosen.display_phone_number : "";
  }

  lookedAt() {
    if (document.visibilityState !== "visible" || this.looking) return;
    this.looking = setTimeout(() => {
      this.looking = null;
      call("POST", "read", { account: this.chosen().id, customer: this.customer.phone }).catch(() => {});
    }, 120);
  }

  /* The desk above the phone. */

  showDesk() {
    const { state, owner, in_flight: inFlight } = this.desk;
    const known = ["bot", "pending", "human"].includes(state) ? state : "none";
    this.owner.dataset.state = known;
    this.owner.textContent = known === "human" && owner ? owner : word(known);
    this.noDemo.hidden = page.demo;
    for (const part of [this.buttons, this.replyForm, this.owner.parentElement]) part.hidden = !page.demo;
    this.take.disabled = this.deskBusy || known === "none" || known === "human";
    this.release.disabled = this.deskBusy || known === "none" || known === "bot";
    this.replySend.disabled = this.deskBusy || known === "none";
    this.inFlight.hidden = !inFlight;
    this.inFlight.textContent = inFlight ? word("inFlight")(inFlight) : "";
  }

  async askDesk() {
    if (!page.demo || !this.chosen() || this.deskBusy) return;
    await this.desking("state");
  }

  async act(action, text) {
    this.deskBusy = true;
    this.showDesk();
    const done = await this.desking(action, text);
    this.deskBusy = false;
    this.showDesk();
    return done;
  }

  async reply() {
    const text = this.replyInput.value.trim();
    if (text && await this.act("reply", text)) this.replyInput.value = "";
  }

  async answerOnPhone() {
    const text = this.phoneInput.value.trim();
    if (!text) return;
    this.phoneInput.value = "";
    try {
      const answer = await call("POST", "phone", { account: this.chosen().id, customer: this.customer.phone, text });
      trouble(answer.status === 200 ? "" : `${word("retry")}: ${answer.problem || answer.status}`);
    } catch (error) {
      trouble(error.message);
    }
    this.askDesk();
  }

  async desking(action, text) {
    const who = this.chosen().id;
    try {
      const answer = await call("POST", "demo", { account: who, customer: this.customer.phone, action, ...(text ? { text } : {}) });
      // A poll that was overtaken by a click says nothing new; nor does it know of what was in flight.
      if (action === "state" && (this.deskBusy || this.chosen().id !== who)) return true;
      const kept = action === "state" && answer.state === this.desk.state ? this.desk.in_flight : 0;
      this.desk = { ...answer, in_flight: answer.in_flight || kept };
      this.deskProblem.hidden = true;
      this.showDesk();
      return true;
    } catch (error) {
      this.deskProblem.textContent = error.message;
      this.deskProblem.hidden = false;
      return false;
    }
  }
}

function initials(name) { return name.split(/\s+/).slice(0, 2).map((w) => [...w][0]).join("").toUpperCase(); }

function iconPaper() {
  const icon = drawing(ICONS.paper, "0 0 24 24", "ticks");
  icon.style.width = icon.style.height = "22px";
  return icon;
}

function ticks(status) {
  if (status === "refused") return el("span", { class: "refused", "data-role": "ticks", "aria-label": word("refused"), text: "!" });
  const path = status === "sending" ? "M5 6l3 3 6-7" : "M1 6l3 3 6-7M8 8.5l.6.5 6-7";
  const svg = drawing(path, "0 0 17 11", `ticks ${status === "read" ? "read" : ""}`);
  return el("span", { "data-role": "ticks", role: "img", "aria-label": word(status) || status, title: word(status) || status }, svg);
}

function focusKey(node) {
  const message = node.closest("[data-message]");
  const inside = node.dataset.role ? `[data-role="${node.dataset.role}"]${node.dataset.id ? `[data-id="${CSS.escape(node.dataset.id)}"]` : ""}` : "";
  return message && inside ? `[data-message="${CSS.escape(message.dataset.message)}"] ${inside}` : null;
}

function keepInside(event, box) {
  if (event.key !== "Tab") return;
  const stops = [...box.querySelectorAll("button")];
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

/* Traffic. */

function traffic(kind, entry) {
  page.trafficItems.unshift({ kind, entry });
  page.trafficItems.length = Math.min(page.trafficItems.length, 200);
  if (!$("traffic").hidden) $("traffic-list").prepend(trafficLine({ kind, entry }));
  while ($("traffic-list").children.length > 200) $("traffic-list").lastElementChild.remove();
}

function trafficLine({ kind, entry }) {
  const isRequest = kind === "request";
  const good = entry.status === 200;
  const what = isRequest ? `← ${entry.kind}${entry.text ? ` · ${entry.text}` : ""}` : `→ ${entry.about}${entry.attempt > 1 ? ` (${entry.attempt})` : ""}`;
  let body = entry.body;
  if (!isRequest) try { body = JSON.parse(entry.body); } catch { /* shown as it stands */ }
  return el("li", {}, el("details", {}, el("summary", { class: good ? (isRequest ? "in" : "out") : "bad", text: `${entry.status || "–"} ${what}` }),
    el("pre", { text: typeof body === "string" ? body : JSON.stringify(body, null, 1) })));
}

async function toggleTraffic() {
  const aside = $("traffic");
  aside.hidden = !aside.hidden;
  $("traffic-toggle").setAttribute("aria-expanded", String(!aside.hidden));
  if (aside.hidden) return;
  if (!page.trafficItems.length) {
    const [requests, webhooks] = await Promise.all([call("GET", "requests"), call("GET", "webhooks")]);
    page.trafficItems = [...webhooks.items.slice(-100).map((entry) => ({ kind: "webhook", entry })),
      ...requests.items.slice(-100).map((entry) => ({ kind: "request", entry }))].sort((a, b) => b.entry.at_ms - a.entry.at_ms);
  }
  $("traffic-list").replaceChildren(...page.trafficItems.map(trafficLine));
}

/* The page as a whole. */

function speak(language) {
  page.language = language in WORDS ? language : "en";
  localStorage.setItem("language", page.language);
  document.documentElement.lang = page.language;
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = word(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", word(node.dataset.tLabel));
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === page.language));
  for (const phone of page.phones.values()) phone.relabel();
}

async function loadPeople() {
  const [accounts, customers, health] = await Promise.all([call("GET", "accounts"), call("GET", "customers"), call("GET", "health")]);
  page.accounts = accounts.items;
  page.demo = health.demo;
  const here = new Set(customers.items.map((c) => c.phone));
  for (const [phone, shown] of page.phones) if (!here.has(phone)) { shown.node.remove(); page.phones.delete(phone); }
  for (const customer of customers.items) {
    const known = page.phones.get(customer.phone);
    if (known) { known.customer = customer; known.relabel(); continue; }
    const phone = new Phone(customer);
    page.phones.set(customer.phone, phone);
    $("phones").append(phone.node);
  }
}

/* All is read whole; the feed goes on from before that, so that nothing falls between. */
async function begin() {
  if (page.feed) page.feed.close();
  const { feed: cursor } = await call("GET", "health");
  await loadPeople();
  for (const phone of page.phones.values()) {
    const chat = await call("GET", `chat?customer=${phone.customer.phone}`);
    phone.items.clear();
    phone.typingUntil = 0;
    for (const item of chat.items.sort((a, b) => a.at_ms - b.at_ms)) phone.put(item);
    phone.draw();
    phone.messages.scrollTop = phone.messages.scrollHeight;
    phone.askDesk();
  }
  follow(cursor);
}

function follow(cursor) {
  const phones = [...page.phones.keys()].join(",");
  const feed = new EventSource(`/emulator/feed?phones=${phones}&after=${cursor}`);
  page.feed = feed;
  const on = (kind, handler) => feed.addEventListener(kind, (e) => handler(JSON.parse(e.data)));
  on("item", (item) => {
    const phone = page.phones.get(item.customer);
    if (!phone) return;
    phone.put(item);
    phone.showTyping();
    phone.draw();
  });
  on("typing", ({ account, customer, on: isOn }) => {
    const phone = page.phones.get(customer);
    if (phone && phone.chosen()?.id === account) phone.setTyping(isOn);
  });
  on("demo", ({ customer }) => page.phones.get(customer)?.askDesk());
  on("request", (entry) => traffic("request", entry));
  on("webhook", (entry) => traffic("webhook", entry));
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
$("add-phone").addEventListener("click", () => { $("new-problem").textContent = ""; $("new-language").value = page.language; $("new-phone").showModal(); });
$("new-cancel").addEventListener("click", () => $("new-phone").close());
$("new-phone-form").addEventListener("submit", createPhone);
$("traffic-toggle").addEventListener("click", toggleTraffic);
document.addEventListener("visibilitychange", () => { for (const phone of page.phones.values()) phone.draw(); });
setInterval(() => { if (document.visibilityState === "visible") for (const phone of page.phones.values()) phone.askDesk(); }, 2000);
speak(localStorage.getItem("language") || (navigator.language.toLowerCase().startsWith("pt") ? "pt-BR" : "en"));
again();
