// The page's socket: what it is told moves rows, bubbles, ticks and buttons.
"use strict";

window.inbox = { state: "Reconectando", pongs: 0, bubbles: [], ticks: {}, modes: {}, rows: {}, broken: [], code: null };

window.told = (message) => {
  const inbox = window.inbox;
  switch (message.type) {
    case "connection_established":
      inbox.state = "Ao vivo";
      break;
    case "pong":
      inbox.pongs += 1;
      break;
    case "message_received":
    case "message_sent":
      must(message.conversation_id, "of which conversation?");
      bubble(message.message);
      if (!inbox.bubbles.some((each) => each.id === message.message.id)) inbox.bubbles.push(message.message);
      break;
    case "status_updated":
      must(message.message_id && message.status, "whose tick?");
      inbox.ticks[message.message_id] = message.status;
      break;
    case "conversation_updated":
      talkRow(message.conversation);
      inbox.rows[message.conversation.id] = message.conversation;
      break;
    case "handover_mode_changed":
      must(["bot", "human", "pending"].includes(message.handover_status), "no button");
      inbox.modes[message.conversation_id] = message.handover_status === "human" ? "human" : "auto";
      break;
  }
};

// `seed`: the token is in the address, and nothing is said.
window.live = (host, token, seed) => {
  const path = `${host}/ws/whatsapp/dashboard/`;
  const socket = new WebSocket(seed ? `${path}?token=${encodeURIComponent(token)}` : path);
  window.socket = socket;
  socket.onopen = () => seed || socket.send(JSON.stringify({ type: "auth", token }));
  socket.onmessage = (event) => {
    try {
      window.told(JSON.parse(event.data));
      if (window.inbox.state === "Ao vivo" && !window.inbox.pongs) socket.send(JSON.stringify({ type: "ping" }));
    } catch (error) {
      window.inbox.broken.push(`${error}`);
    }
  };
  socket.onclose = (event) => (window.inbox.code = event.code);
};

// Null, or how the page breaks when it is told that.
window.hears = (message) => {
  try {
    window.told(message);
    return null;
  } catch (error) {
    return String(error);
  }
};
