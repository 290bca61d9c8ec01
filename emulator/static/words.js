/* What the page says, in both languages. */

import { TRIALS } from "./words_trials.js";

export const WORDS = {
  "pt-BR": {
    title: "Telefones", subtitle: "Escreva como cliente e veja quem responde.", language: "Idioma",
    banner: "Isto faz as vezes da Meta: nada sai desta máquina.",
    traffic: "Tráfego", trafficHint: "O que foi e voltou, do mais novo para o mais antigo.",
    addPhone: "Novo telefone", name: "Nome", number: "Telefone, com o código do país", speaks: "Idioma da pessoa",
    cancel: "Cancelar", add: "Criar", whoAnswers: "Quem responde agora", bot: "Assistente", pending: "Esperando uma pessoa",
    human: "Uma pessoa", none: "Ninguém ainda", take: "Assumir", release: "Devolver", reply: "Responder",
    replyAs: "Responder como atendente…", inFlight: (n) => `${n} resposta(s) do assistente já estava(m) a caminho.`,
    onPhone: "Responder no celular da loja…", onInbox: "Responder na caixa de entrada da loja…", answerOnPhone: "Celular", answerOnInbox: "Caixa",
    phone: "no celular da loja", inbox: "na caixa de entrada", app: "outro aplicativo",
    noDemo: "Sem produto ligado para demonstração: os botões ficam fora.", message: "Mensagem", send: "Enviar",
    typing: "digitando…", writeTo: "Conta da empresa", empty: "Escreva a primeira mensagem. Por exemplo:",
    noAccount: "Ainda não há nenhum número da empresa aqui. Crie um com POST /emulator/accounts.",
    retry: "não chegou ao produto", answered: "Respondendo a", react: "Reagir", quote: "Responder a esta mensagem",
    close: "Fechar", lost: "Sem ligação com o emulador. Tentando de novo…", chat: "Conversa", stop: "Não responder a esta",
    image: "Imagem", video: "Vídeo", audio: "Áudio", document: "Documento", sticker: "Figurinha", location: "Local",
    contacts: "Contato", template: "Modelo", unsupported: "Mensagem sem suporte", raw: "Mensagem crua", open: "Abrir",
    share: "Publicação", file: "Arquivo", attachment: "Anexo", referral: "Veio por um link", optin: "Aceitou receber", linking: "Ligou a conta",
    comment: "Comentou", story_reply: "Respondeu ao story", story_mention: "Mencionou no story",
    edited: "editada", unsent: "Mensagem apagada", unsend: "Apagar para todos", seen: "Visto", quickReplies: "Respostas rápidas",
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
    onPhone: "Answer on the shop's phone…", onInbox: "Answer in the shop's inbox…", answerOnPhone: "Phone", answerOnInbox: "Inbox",
    phone: "on the shop's phone", inbox: "in the shop's inbox", app: "another app",
    noDemo: "No product is connected for demonstration, so its buttons are left out.", message: "Message", send: "Send",
    typing: "typing…", writeTo: "Account of the business", empty: "Write the first message. For example:",
    noAccount: "There is no business number here yet. Add one with POST /emulator/accounts.",
    retry: "did not reach the product", answered: "Answering", react: "React", quote: "Answer this message",
    close: "Close", lost: "The emulator is not reachable. Trying again…", chat: "Chat", stop: "Do not answer this one",
    image: "Image", video: "Video", audio: "Audio", document: "Document", sticker: "Sticker", location: "Location",
    contacts: "Contact", template: "Template", unsupported: "Unsupported message", raw: "Raw message", open: "Open",
    share: "Post", file: "File", attachment: "Attachment", referral: "Came by a link", optin: "Opted in", linking: "Linked the account",
    comment: "Commented", story_reply: "Answered the story", story_mention: "Mentioned in a story",
    edited: "edited", unsent: "Message removed", unsend: "Remove for everybody", seen: "Seen", quickReplies: "Quick replies",
    sending: "sending", sent: "sent", delivered: "delivered", read: "read", refused: "not delivered",
  },
};
for (const name of Object.keys(WORDS)) Object.assign(WORDS[name], TRIALS[name]);

export const SUGGESTIONS = {
  "pt-BR": ["Oi!", "Qual é o horário de vocês?", "Quero falar com uma pessoa"],
  en: ["Hi!", "When are you open?", "I want to talk to a person"],
};

const chosen = { language: "en" };

export function language() { return chosen.language; }
export function speakIn(name) { chosen.language = name in WORDS ? name : "en"; }
export function word(key) { return WORDS[chosen.language][key]; }
