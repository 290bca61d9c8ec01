"""Contacts and their privacy, what is kept how long, webhooks, and the database itself."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Privacy settings have no {unknown}. There are: {names}.": "As configurações de privacidade não têm {unknown}. Existem: {names}.",
    "The privacy settings do not fit: {why}.": "As configurações de privacidade não servem: {why}.",
    "The notice may be in pt and in en, not in {language}.": "O aviso pode estar em pt e em en, não em {language}.",
    "policy_url must be an address that begins with https://.": "policy_url tem de ser um endereço que começa com https://.",
    "Nothing is kept as {kind}. Known: {kinds}.": "Nada é guardado como {kind}. Existem: {kinds}.",
    "Days are a whole number from 1 to {most}, or null for ever.": "Os dias são um número inteiro de 1 a {most}, ou null para sempre.",
    "There is no contact {contact}.": "Não existe o contato {contact}.",
    "The database can't be reached: {why}": "O banco de dados não pode ser alcançado: {why}",
    "The connection was lost in the commit: it may be there or not.": "A conexão caiu no momento de gravar: pode ter sido gravado ou não.",
    "The database failed {tries} times ({why}).": "O banco de dados falhou {tries} vezes ({why}).",
    "A stored token can't be read with this key: BATON_KEY (or the key file in BATON_HOME) is not the one it was written with.": "Um token guardado não pode ser lido com esta chave: BATON_KEY (ou o arquivo da chave em BATON_HOME) não é a chave com que ele foi gravado.",
    "BATON_KEY is not a key: it must be 32 bytes in URL-safe base64, as `openssl rand -base64 32 | tr +/ -_` makes.": "BATON_KEY não é uma chave: precisa ter 32 bytes em base64 próprio para URLs, como `openssl rand -base64 32 | tr +/ -_` faz.",
    "There is no webhook {webhook}.": "Não existe o webhook {webhook}.",
    "To erase everything that is known of a contact, `confirm` must be the contact's id.": "Para apagar tudo o que se sabe de um contato, `confirm` tem de ser o id do contato.",
    "There is no such request.": "Não existe esse pedido.",
    "This was not signed by an app of ours.": "Isto não foi assinado por um aplicativo nosso.",
    "There is no setting {name}.": "Não existe a configuração {name}.",
    "`since` must be before `until`.": "`since` precisa ser antes de `until`.",
    "That is too long: at most {most} days, or hours, at once.": "É tempo demais: no máximo {most} dias, ou horas, de uma vez.",
}
