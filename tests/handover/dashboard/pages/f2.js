// The last revision with pages of Instagram and Messenger; the page of an account, and the connections.
"use strict";

// Templates first: an error there sends the user back to the list.
readings["F2 account"] = {
  ask: async (call, about) => {
    const templates = await call("GET", `/whatsapp/templates/?account=${about.account}`);
    const one = `/whatsapp/accounts/${about.account}`;
    const detail = await call("GET", `${one}/`);
    const profile = await call("GET", `${one}/business_profile/`);
    const range = { account_id: about.account, start_date: "2026-03-01", end_date: "2026-03-31" };
    const stats = await call("POST", "/whatsapp/messages/stats/", range);
    const off = await call("PATCH", `${one}/`, { is_active: false });
    const on = await call("PATCH", `${one}/`, { is_active: true });
    return { templates, detail, profile, stats, off, on };
  },
  read: ({ templates, detail, profile, stats, off, on }) => {
    templates.results.map((each) => each.components.map((part) => part));
    detail.name.trim();
    dated(detail.created_at);
    dated(detail.updated_at);
    (profile.websites || []).map((site) => site.trim());
    for (const name of ["sent", "delivered", "read", "failed"]) stats.by_status[name].toLocaleString();
    must(off.is_active === false && off.status === "inactive", "the switch goes back");
    must(on.is_active === true && on.status === "active", "it stays off");
  },
  breaks: {
    "templates as a bare list": (a) => ((a.templates = []), a),
    "no updated_at": (a) => ((a.detail.updated_at = null), a),
    "no figures": (a) => ((a.stats = {}), a),
    "a figure that is null": (a) => ((a.stats.by_status.read = null), a),
    "a switch that does nothing": (a) => ((a.off.is_active = true), a),
    "a status that stays": (a) => ((a.off.status = "active"), a),
  },
};

readings["F2 connections"] = {
  ask: async (call) => ({
    whatsapp: await call("GET", "/whatsapp/accounts/"),
    instagram: await call("GET", "/instagram/accounts/"),
    messenger: await call("GET", "/messaging/messenger/accounts/"),
  }),
  read: ({ whatsapp, instagram, messenger }) => {
    some(inEnvelope(whatsapp), "number").forEach((each) => initials(each.name));
    some(either(instagram), "Instagram account").forEach((each) => initials(each.username));
    some(either(messenger), "Page").forEach((each) => initials(each.page_name));
    for (const each of [...whatsapp.results, ...either(instagram), ...either(messenger)]) {
      must(typeof each.is_active === "boolean", "no switch");
    }
  },
  breaks: {
    "no name": (a) => ((a.whatsapp.results[0].name = null), a),
    "no user name": (a) => ((a.instagram.results[0].username = null), a),
    "a Page without a switch": (a) => (without(a.messenger.results[0], "is_active"), a),
    "numbers as a bare list": (a) => ((a.whatsapp = a.whatsapp.results), a),
  },
};

readings["F2 Instagram"] = {
  ask: async (call, about) => {
    const one = `/instagram/conversations/${about.instagram}`;
    return {
      accounts: await call("GET", "/instagram/accounts/"),
      list: await call("GET", `/instagram/conversations/?account=${about.instagramAccount}`),
      chat: await call("GET", `${one}/messages/`),
      sent: await call("POST", `${one}/send_message/`, { content: "hello", message_type: "TEXT" }),
      read: await call("POST", `${one}/mark_as_read/`),
    };
  },
  read: ({ accounts, list, chat, sent, read }, about) => {
    for (const each of some(either(accounts), "account")) {
      each.followers_count.toLocaleString() + each.follows_count.toLocaleString() + each.media_count.toLocaleString();
    }
    for (const each of some(either(list), "conversation")) {
      must(each.account === about.instagramAccount, "its account is not in the address");
      must(each.participant_id && Number.isInteger(each.unread_count), "no row");
      datedOrNot(each.last_message_at);
    }
    for (const each of oldestFirst(some(either(chat), "message"), "created_at").concat([sent])) {
      must(["inbound", "outbound"].includes(each.direction), "every bubble is on the wrong side");
      must(each.content || each.media_url, "an empty bubble");
      dated(each.created_at);
    }
    must(sent.direction === "outbound", "what was sent is on the other side");
    must(read.unread_count === 0 && read.id === about.instagram, "the badge stays");
  },
  breaks: {
    "no followers": (a) => ((a.accounts.results[0].followers_count = null), a),
    "a conversation without its account": (a) => (without(a.list.results[0], "account"), a),
    "the newest first": (a) => (a.chat.results.reverse(), a),
    "no direction": (a) => (a.chat.results.forEach((each) => without(each, "direction")), a),
    "a send that answers with an id": (a) => ((a.sent = { id: "1", status: "sent" }), a),
    "no full answer to reading": (a) => ((a.read = { success: true }), a),
  },
};

readings["F2 Messenger"] = {
  ask: async (call, about) => {
    const one = `/messaging/messenger/conversations/${about.messenger}`;
    return {
      accounts: await call("GET", "/messaging/messenger/accounts/"),
      list: await call("GET", "/messaging/messenger/conversations/"),
      chat: await call("GET", `${one}/messages/`),
      sent: await call("POST", `${one}/send-message/`, { content: "hello", message_type: "text" }),
      read: await call("POST", `${one}/mark-read/`),
    };
  },
  read: ({ accounts, list, chat, sent }) => {
    for (const each of some(either(accounts), "Page")) {
      must(typeof each.webhook_verified === "boolean" && each.page_id && each.page_name, "no card");
    }
    for (const each of some(either(list), "conversation")) {
      must(each.last_message === null || typeof each.last_message === "object", "the preview is no object");
      (each.last_message ? each.last_message.content : "").slice(0, 40);
      must(each.psid && Number.isInteger(each.unread_count), "no row");
    }
    for (const each of oldestFirst(some(either(chat), "message"), "created_at").concat([sent])) {
      must(typeof each.is_from_page === "boolean", "a bubble on no side");
      dated(each.sent_at);
      dated(each.created_at);
      must(each.content || each.attachment_url, "an empty bubble");
    }
    must(sent.is_from_page === true, "what was sent is on the other side");
  },
  breaks: {
    "a text for the last message": (a) => ((a.list.results[0].last_message = "hello"), a),
    "no sent_at": (a) => ((a.chat.results[0].sent_at = null), a),
    "no side": (a) => (without(a.chat.results[0], "is_from_page"), a),
    "a send that answers with an id": (a) => ((a.sent = { id: "1" }), a),
    "no webhook_verified": (a) => (without(a.accounts.results[0], "webhook_verified"), a),
  },
};
