/* How the three networks look and behave on a phone, where they differ. */

export const NETWORKS = ["whatsapp", "messenger", "instagram"];

export const LOOKS = {
  whatsapp: { name: "WhatsApp", typingMs: 25000, inbox: false, unsend: false, longest: 4096 },
  messenger: { name: "Messenger", typingMs: 20000, inbox: true, unsend: false, longest: 2000 },
  instagram: { name: "Instagram", typingMs: 20000, inbox: true, unsend: true, longest: 1000 },
};

/* Kinds that change another message, and are no bubble of their own. */
export const UNSEEN = ["reaction", "edit", "unsend"];
