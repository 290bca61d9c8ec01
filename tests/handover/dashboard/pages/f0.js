// The revision of the seed: Instagram in envelopes only, Messenger in bare lists only, chats by number.
"use strict";

readings["F0 chat"] = {
  ask: async (call, about) => ({
    list: await call("GET", `/conversations/?account=${about.account}`),
    chat: await call(
      "GET",
      `/whatsapp/messages/?account=${about.account}&phone_number=${about.peer}&limit=100&ordering=-created_at`,
    ),
    stats: await call(
      "GET",
      `/whatsapp/messages/stats/?account_id=${about.account}&start_date=2026-03-01&end_date=2026-03-31`,
    ),
    human: await call("POST", `/conversations/${about.talk}/handover/human/`),
    bot: await call("POST", `/conversations/${about.talk}/handover/bot/`, {}),
  }),
  read: ({ list, chat, stats, human, bot }) => {
    some(inEnvelope(list), "conversation").forEach(talkRow);
    const sorted = some(inEnvelope(chat), "message").sort((a, b) => dated(a.created_at).localeCompare(dated(b.created_at)));
    sorted.forEach(bubble);
    stats.by_status.sent.toLocaleString();
    must(human.handover_status === "human" && bot.handover_status === "bot", "the seed's paths do not answer");
  },
  breaks: {
    "conversations as a bare list": (a) => ((a.list = a.list.results), a),
    "messages as a bare list": (a) => ((a.chat = a.chat.results), a),
    "no created_at": (a) => ((a.chat.results[0].created_at = null), a),
    "no figures": (a) => ((a.stats = {}), a),
    "no status": (a) => ((a.bot = {}), a),
  },
};

readings["F0 Instagram"] = {
  ask: async (call, about) => ({
    accounts: await call("GET", "/instagram/accounts/"),
    stats: await call("GET", `/instagram/accounts/${about.instagramAccount}/stats/`),
    list: await call("GET", `/instagram/conversations/?account_id=${about.instagramAccount}`),
    chat: await call("GET", `/instagram/messages/?conversation_id=${about.instagram}`),
    seen: await call("POST", "/instagram/mark-seen/", {
      account_id: about.instagramAccount, sender_id: about.instagramPeer,
    }),
    sent: await call("POST", "/instagram/send-message/", {
      account_id: about.instagramAccount, recipient_id: about.instagramPeer, text: "hello",
    }),
  }),
  read: ({ accounts, stats, list, chat, sent }) => {
    some(inEnvelope(accounts), "account").forEach((each) => each.masked_token.slice(0, 8) + each.name.trim());
    stats.total_conversations.toLocaleString() + stats.unread_messages.toLocaleString();
    some(inEnvelope(list), "conversation").forEach((each) => must(each.participant_id, "nobody to write to"));
    const shown = oldestFirst(some(inEnvelope(chat), "message").slice().reverse(), "created_at");
    for (const each of shown.concat([sent])) {
      must(each.text_content || each.media_url, "an empty bubble");
      must(typeof each.is_from_business === "boolean", "a bubble on no side");
      must(each.status !== "read", "no tick for it");
      dated(each.created_at);
    }
  },
  breaks: {
    "conversations as a bare list": (a) => ((a.list = a.list.results), a),
    "messages as a bare list": (a) => ((a.chat = a.chat.results), a),
    "the oldest first": (a) => (a.chat.results.reverse(), a),
    "no text_content": (a) => (a.chat.results.forEach((each) => without(each, "text_content")), a),
    "no figures": (a) => ((a.stats = {}), a),
    "no masked token": (a) => (without(a.accounts.results[0], "masked_token"), a),
    "a send that answers with an id": (a) => ((a.sent = { id: "1" }), a),
  },
};

readings["F0 Messenger"] = {
  ask: async (call, about) => {
    const one = `/messenger/conversations/${about.messenger}`;
    return {
      accounts: await call("GET", "/messenger/accounts/"),
      list: await call("GET", "/messenger/conversations/"),
      chat: await call("GET", `${one}/messages/`),
      sent: await call("POST", `${one}/send-message/`, { content: "hello", message_type: "text" }),
      read: await call("POST", `${one}/mark-read/`),
    };
  },
  read: ({ accounts, list, chat, sent }) => {
    some(bare(accounts), "Page").forEach((each) => initials(each.page_name));
    for (const each of some(bare(list), "conversation")) {
      each.last_message.slice(0, 40);
      each.sender_name.trim();
      must(typeof each.is_bot_active === "boolean" && each.handover_status, "no buttons");
    }
    for (const each of oldestFirst(some(bare(chat), "message"), "created_at").concat([sent])) {
      must(typeof each.is_from_bot === "boolean", "a bubble on no side");
      dated(each.created_at);
      each.content.trim();
    }
  },
  breaks: {
    "accounts in an envelope": (a) => ((a.accounts = { results: a.accounts }), a),
    "conversations in an envelope": (a) => ((a.list = { results: a.list }), a),
    "messages in an envelope": (a) => ((a.chat = { results: a.chat }), a),
    "an object for the last message": (a) => ((a.list[0].last_message = { content: "hello" }), a),
    "no side": (a) => (without(a.chat[0], "is_from_bot"), a),
    "a send that answers with an id": (a) => ((a.sent = { id: "1" }), a),
  },
};
