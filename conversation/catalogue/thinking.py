"""Agents that think with an LLM."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "The assistant has no model yet, or is still loading it.": "O assistente ainda não tem um modelo, ou ainda o está carregando.",
    "An agent's model has no {unknown}. There are: {names}.": "O modelo de um agente não tem {unknown}. Existem: {names}.",
    "The agent's model does not fit: {why}.": "O modelo do agente não serve: {why}.",
    "A key is at most {most} printable characters without spaces.": "Uma chave tem no máximo {most} caracteres visíveis, sem espaços.",
    'The key that is kept was given for another address: give `api_key` again, or "" for none.': 'A chave guardada foi dada para outro endereço: dê `api_key` de novo, ou "" para nenhuma.',
    "{agent} can't be active: it thinks with {provider}, and has no `model_name`.": "{agent} não pode ficar ativo: pensa com {provider} e não tem `model_name`.",
    "{agent} can't be active: {provider} wants a key, and it has no `api_key`.": "{agent} não pode ficar ativo: {provider} exige uma chave e ele não tem `api_key`.",
    "`base_url` is an address that begins with https://, without a user, a password, a query or a fragment in it.": "`base_url` é um endereço que começa com https://, sem usuário, senha, consulta nem fragmento.",
    "{where} would be asked over plain HTTP: that takes an entry in BATON_LLM_LOCAL.": "{where} seria consultado por HTTP simples: isso exige uma entrada em BATON_LLM_LOCAL.",
    "{agent} stands for no assistant at all: it stays as it is.": "{agent} representa nenhum assistente: fica como está.",
    "The assistant did not answer within {seconds} s.": "O assistente não respondeu em {seconds} s.",
    "The language model did not answer: {why}.": "O modelo de linguagem não respondeu: {why}.",
    "Something failed in the assistant; the log says what.": "Algo falhou no assistente; o log diz o quê.",
    "No worker took it within {seconds} s: none runs, or its model is still being loaded.": "Nenhum worker o pegou em {seconds} s: não há nenhum rodando, ou o modelo ainda está sendo carregado.",
    "What is tried has from 1 to {most} characters.": "O que se testa tem de 1 a {most} caracteres.",
    "A session's name is at most {most} characters.": "O nome de uma sessão tem no máximo {most} caracteres.",
}
