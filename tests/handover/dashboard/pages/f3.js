// The head revision: WhatsApp's inbox, the list of all channels with its modal, the queue, agents, accounts.
"use strict";

readings["F3 sign-in"] = {
  ask: async (call, about) => ({
    signed: await call("POST", "/auth/login/", { email: about.operator, password: about.password }),
    refused: await call("POST", "/auth/login/", { email: about.operator, password: "wrong" }).catch((e) => e.message),
  }),
  read: ({ signed, refused }) => {
    must(typeof signed.token === "string" && signed.token.length > 0, "nobody gets in");
    must(["string", "number"].includes(typeof signed.user_id), "nobody knows who it is");
    must(typeof refused === "string" && refused.includes(" "), "a wrong password is refused without words");
    signed.email.toLowerCase();
    `${signed.first_name.trim()} ${signed.last_name.trim()}`.trim();
  },
  breaks: {
    "no token": (a) => (without(a.signed, "token"), a),
    "no user": (a) => (without(a.signed, "user_id"), a),
    "no e-mail": (a) => ((a.signed.email = null), a),
    "an object for words": (a) => ((a.refused = {}), a),
  },
};

readings["F3 start"] = {
  ask: async (call) => ({
    accounts: await call("GET", "/whatsapp/accounts/"),
    stores: await call("GET", "/stores/stores/"),
    notifications: await call("GET", "/notifications/"),
    unread: await call("GET", "/notifications/unread_count/"),
  }),
  read: ({ accounts, stores, notifications, unread }) => {
    some(inEnvelope(accounts), "account");
    must(stores.results.length === 0, "with a store the inbox leaves out all that is of none");
    notifications.results.map((each) => each);
    must(unread.count === 0, "a badge for nothing");
  },
  breaks: {
    "accounts as a bare list": (a) => ((a.accounts = a.accounts.results), a),
    "no count": (a) => ((a.unread = {}), a),
    "notifications without results": (a) => ((a.notifications = {}), a),
    "a store": (a) => (a.stores.results.push({ id: "1", slug: "one" }), a),
  },
};

const talkRow = (talk) => {
  must(talk.id && talk.account, "a row without its key");
  must(["auto", "human", "hybrid"].includes(talk.mode), `no button fits the mode ${talk.mode}`);
  must(["open", "closed", "pending", "resolved"].includes(talk.status), `no filter fits ${talk.status}`);
  talk.phone_number.replace(/\D/g, "");
  must(Number.isInteger(talk.unread_count), "no badge");
  dated(talk.created_at);
  datedOrNot(talk.last_message_at);
  talk.tags.map((tag) => tag.toUpperCase());
  talk.labels.map((label) => label);
  (talk.contact_name || talk.phone_number).trim();
};

readings["F3 inbox"] = {
  ask: async (call, about) => ({
    list: await call("GET", "/conversations/?page=1&page_size=30"),
    found: await call("GET", `/conversations/?page=1&page_size=30&search=${about.peer}`),
    short: await call("GET", "/conversations/?page=1&page_size=1"),
  }),
  read: ({ list, found, short }, about) => {
    unique(some(list.results, "conversation"), "rows").forEach(talkRow);
    must(found.results.some((each) => each.id === about.talk), "nothing is found");
    must(short.next !== null && short.next !== undefined, "nothing to scroll to");
  },
  breaks: {
    "a bare list": (a) => ((a.list = a.list.results), a),
    "no created_at": (a) => ((a.list.results[0].created_at = null), a),
    "a bad date": (a) => ((a.list.results[0].last_message_at = "yesterday"), a),
    "no phone number": (a) => ((a.list.results[0].phone_number = null), a),
    "our word for the mode": (a) => ((a.list.results[0].mode = "bot"), a),
    "no unread_count": (a) => (without(a.list.results[0], "unread_count"), a),
    "no tags": (a) => (without(a.list.results[0], "tags"), a),
    "a key twice": (a) => (a.list.results.push(a.list.results[0]), a),
    "a last page": (a) => ((a.short.next = null), a),
  },
};

const TYPES = ["text", "image", "video", "audio", "document", "sticker", "template", "interactive", "location"].concat([
  "contacts", "reaction", "button", "order", "system", "unknown",
]);

const bubble = (message) => {
  must(message.id, "a bubble without its key");
  must(["inbound", "outbound"].includes(message.direction), "a bubble on no side");
  must(TYPES.includes(message.message_type), `no bubble for ${message.message_type}`);
  dated(message.created_at);
  for (const field of ["sent_at", "delivered_at", "read_at", "timestamp"]) datedOrNot(message[field]);
  must(message.text_body || message.media_url || message.content, "an empty bubble");
};

readings["F3 chat"] = {
  ask: async (call, about) => ({
    chat: await call("GET", `/conversations/${about.talk}/messages/?limit=100`),
    older: await call("GET", `/conversations/${about.talk}/messages/?limit=1`),
    sent: await call("POST", "/whatsapp/messages/send_text/", {
      account_id: about.account, to: about.peer, text: "hello", metadata: { client_request_id: about.once },
    }),
    read: await call("POST", `/conversations/${about.talk}/mark_as_read/`),
  }),
  read: ({ chat, older, sent, read }) => {
    unique(oldestFirst(some(chat.results || [], "message"), "created_at"), "bubbles").forEach(bubble);
    must(older.has_more === true && older.next_before_id, "no older messages to scroll to");
    bubble(sent);
    must(sent.direction === "outbound", "what was sent is on the other side");
    must(read.unread_count === 0, "the badge stays");
  },
  breaks: {
    "a bare list": (a) => ((a.chat = a.chat.results), a),
    "the newest first": (a) => (a.chat.results.reverse(), a),
    "no created_at": (a) => ((a.chat.results[0].created_at = null), a),
    "no direction": (a) => (without(a.chat.results[0], "direction"), a),
    "a type of ours": (a) => ((a.chat.results[0].message_type = "story"), a),
    "no mark for what is older": (a) => ((a.older.next_before_id = null), a),
    "an answer with an id alone": (a) => ((a.sent = { id: a.sent.id }), a),
    "still unread": (a) => ((a.read.unread_count = 1), a),
  },
};

readings["F3 all channels"] = {
  ask: async (call) => ({ all: await call("GET", "/conversations/universal/") }),
  read: ({ all }, about) => {
    const rows = unique(some(either(all), "conversation"), "rows");
    for (const platform of ["whatsapp", "instagram", "messenger"]) {
      must(rows.some((each) => each.platform === platform), `nobody of ${platform}`);
    }
    for (const row of rows) {
      row.display_name.trim();
      must(Number.isInteger(row.unread_count), "no badge");
      datedOrNot(row.last_message_at);
      const address = `${row.route}?${new URLSearchParams(row.route_params)}`;
      must(address.startsWith("/inbox/") && address.includes(row.source_conversation_id), `it leads to ${address}`);
      must(row.platform_icon_key === row.platform, "no icon");
    }
  },
  breaks: {
    "an id of its channel alone": (a) => ((a.all.results[1].id = a.all.results[0].id), a),
    "no name": (a) => ((a.all.results[0].display_name = null), a),
    "no way to it": (a) => (without(a.all.results[0], "route_params"), a),
    "no unread_count": (a) => ((a.all.results[0].unread_count = null), a),
    "one channel only": (a) => ((a.all.results = a.all.results.filter((e) => e.platform === "whatsapp")), a),
  },
};

// Loaded together: one that fails closes the whole.
readings["F3 modal"] = {
  ask: async (call, about) => {
    const one = `/conversations/${about.talk}`;
    await call("POST", `${one}/add_note/`, { content: "a note" });
    const asked = [call("GET", `${one}/`), call("GET", `${one}/messages/?limit=100`), call("GET", `${one}/notes/`)];
    const [detail, chat, notes] = await Promise.all(asked);
    const buttons = {
      human: await call("POST", `${one}/switch_to_human/`, {}),
      auto: await call("POST", `${one}/switch_to_auto/`),
      resolved: await call("POST", `${one}/resolve/`),
      reopened: await call("POST", `${one}/reopen/`),
    };
    return { detail, chat, notes, ...buttons };
  },
  read: ({ detail, chat, notes, human, auto, resolved, reopened }) => {
    talkRow(detail);
    some(chat.results || [], "message").forEach(bubble);
    some(notes.map((note) => `${note.id} ${note.content.trim()} ${dated(note.created_at)}`), "note");
    [human, auto, resolved, reopened].forEach(talkRow);
    must(human.mode === "human" && auto.mode === "auto", "the buttons do not follow");
    must(resolved.status === "resolved" && reopened.status === "open", "the status does not follow");
  },
  breaks: {
    "notes in an envelope": (a) => ((a.notes = { results: a.notes }), a),
    "a note without its moment": (a) => ((a.notes[0].created_at = null), a),
    "messages as a bare list": (a) => ((a.chat = a.chat.results), a),
    "a mode that stays": (a) => ((a.human.mode = "auto"), a),
    "a button's answer without the conversation": (a) => ((a.auto = { success: true }), a),
    "a status that stays": (a) => ((a.resolved.status = "open"), a),
  },
};

readings["F3 handover"] = {
  ask: async (call, about) => {
    const at = `/handover/conversations/${about.talk}/handover`;
    const asked = await call("POST", `${at}/request/`, { reason: "complaint", priority: "high" });
    const list = await call("GET", "/handover/requests/");
    const approved = await call("POST", `/handover/requests/${asked.request_id}/approve/`, {});
    const again = await call("POST", `/handover/requests/${asked.request_id}/approve/`, {}).catch((e) => e.message);
    const rows = await call("GET", "/conversations/?page=1&page_size=30");
    const human = await call("POST", `${at}/human/`);
    const bot = await call("POST", `${at}/bot/`, {});
    return { list, approved, again, rows, human, bot };
  },
  read: ({ list, approved, again, rows, human, bot }, about) => {
    for (const request of some(either(list), "request")) {
      request.conversation.slice(0, 8);
      request.priority.toUpperCase();
      must(["pending", "approved", "rejected", "expired"].includes(request.status), "it is in no column");
      dated(request.created_at);
      datedOrNot(request.expires_at);
      datedOrNot(request.approved_at);
    }
    must(approved.success === true && approved.conversation_id === about.talk, "the click leads nowhere");
    must(typeof again === "string" && again.includes(" "), "a second click is refused without words");
    const row = rows.results.find((each) => each.id === about.talk);
    must(row.mode === "human", "the next refresh flips the button back");
    must(human.handover_status === "human" && bot.handover_status === "bot", "the buttons do not follow");
  },
  breaks: {
    "the conversation as an object": (a) => ((a.list.results[0].conversation = {}), a),
    "no priority": (a) => ((a.list.results[0].priority = null), a),
    "no moment": (a) => ((a.list.results[0].created_at = null), a),
    "a word of ours": (a) => ((a.list.results[0].status = "answered"), a),
    "a mode that does not follow": (a) => (a.rows.results.forEach((each) => (each.mode = "auto")), a),
    "no status": (a) => (without(a.human, "handover_status"), a),
    "a refusal without words": (a) => ((a.again = undefined), a),
  },
};

const agentRow = (agent) => {
  must(agent.id, "no key");
  agent.name.trim();
  agent.provider.toUpperCase();
  agent.model_name.trim();
  must(["active", "inactive", "draft"].includes(agent.status), `no switch for ${agent.status}`);
};

// Loaded together: one that fails says that there is no such agent.
readings["F3 agents"] = {
  ask: async (call, about) => {
    const one = `/agents/${about.agent}`;
    const list = await call("GET", "/agents/");
    const asked = [call("GET", `${one}/`), call("GET", `${one}/stats/`), call("GET", `${one}/conversations/`)];
    const [detail, stats, talks] = await Promise.all(asked);
    const off = await call("PATCH", `${one}/`, { status: "inactive" });
    const on = await call("PATCH", `${one}/`, { status: "active" });
    return { list, detail, stats, talks, off, on };
  },
  read: ({ list, detail, stats, talks, off, on }) => {
    some(either(list), "agent").forEach(agentRow);
    agentRow(detail);
    detail.accounts.map((account) => account.name.trim());
    detail.temperature.toFixed(1);
    for (const name of ["total_conversations", "total_messages", "avg_response_time_ms", "active_sessions"]) {
      stats[name].toFixed(0);
    }
    either(talks).forEach((talk) => dated(talk.created_at));
    agentRow(off);
    must(off.status === "inactive" && on.status === "active", "the switch goes back");
    must(off.id === detail.id && on.accounts.map, "the page forgets whose it is");
  },
  breaks: {
    "no provider": (a) => ((a.detail.provider = null), a),
    "no figure": (a) => ((a.stats.avg_response_time_ms = null), a),
    "no figures": (a) => ((a.stats = { error: "not found" }), a),
    "talks as an object": (a) => ((a.talks = { results: [{ created_at: null }] }), a),
    "an answer without an id": (a) => (without(a.off, "id"), a),
    "a status that stays": (a) => ((a.off.status = "active"), a),
    "no accounts": (a) => (without(a.detail, "accounts"), a),
  },
};
