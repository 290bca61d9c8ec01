"""The way to a real number, step by step: what a check of an account finds, and what mends it."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "Meta wishes for a quarter of a second: put Baton nearer, or on a faster machine.": (
        "A Meta deseja um quarto de segundo: ponha o Baton mais perto, ou numa máquina mais rápida."
    ),
    "A signed body arrives as it was sent, a forged one is refused; answered in {seconds} s.": (
        "Um corpo assinado chega como foi enviado, um forjado é recusado; respondido em {seconds} s."
    ),
    "The answer is {status}, and not Baton's.": "A resposta é {status}, e não é do Baton.",
    "Take one from a public authority: Caddy does it by itself, nginx with certbot.": (
        "Use um de uma autoridade pública: o Caddy faz isso sozinho, o nginx com o certbot."
    ),
    "Let the proxy send the whole chain (fullchain.pem), from a public authority.": (
        "O proxy deve mandar a cadeia inteira (fullchain.pem), de uma autoridade pública."
    ),
    "{host} is {addresses}.": "{host} é {addresses}.",
    "WhatsApp sends up to 3 MB: let the proxy take 4 MB (nginx: client_max_body_size 4m).": (
        "O WhatsApp manda até 3 MB: o proxy deve aceitar 4 MB (nginx: client_max_body_size 4m)."
    ),
    "Nobody answers at {where}.": "Ninguém responde em {where}.",
    "Start Baton and the proxy or tunnel before it, and open the port in the firewall.": (
        "Inicie o Baton e o proxy ou túnel diante dele, e abra a porta no firewall."
    ),
    "Something before Baton answers in its place: let it pass /webhooks/ on.": (
        "Algo diante do Baton responde no lugar dele: deixe passar /webhooks/."
    ),
    "Emulated: everything stays on this machine.": "Emulada: tudo fica nesta máquina.",
    "Seen from here it is a private address: be sure that the internet sees a public one.": (
        "Visto daqui é um endereço privado: confira que a internet vê um público."
    ),
    "Somebody listens there, with a certificate of a public authority.": (
        "Alguém escuta lá, com um certificado de uma autoridade pública."
    ),
    "It answers our verify token, and refuses another.": "Responde ao nosso token de verificação, e recusa outro.",
    "Our own signature is refused there.": "Nossa própria assinatura é recusada lá.",
    "The gateway has another app secret than this command: give both the same, and start Baton again.": (
        "O gateway tem outro segredo do app que este comando: dê o mesmo aos dois, e reinicie o Baton."
    ),
    "A body of 3 MB is answered {status}.": "Um corpo de 3 MB é respondido com {status}.",
    "A body of 3 MB breaks the connection.": "Um corpo de 3 MB derruba a conexão.",
    "A webhook is answered after {seconds} s only.": "Um webhook só é respondido depois de {seconds} s.",
    "Meta gives up by then: look at the load of the machine, its disk and its database.": (
        "A Meta desiste antes disso: veja a carga da máquina, o disco e o banco de dados."
    ),
    "The proxy is there, Baton behind it is not: start it, and look at its port.": (
        "O proxy está lá, o Baton atrás dele não: inicie-o, e confira a porta."
    ),
    "It leads elsewhere, and Meta does not follow: give the address it leads to.": (
        "Leva a outro lugar, e a Meta não segue: dê o endereço a que leva."
    ),
    "Let the proxy pass /webhooks/ on to Baton, with its path unchanged.": (
        "O proxy deve passar /webhooks/ ao Baton, com o caminho inalterado."
    ),
    "The certificate of {host} is of no authority known here.": (
        "O certificado de {host} não é de nenhuma autoridade conhecida aqui."
    ),
    "The name {host} is not in DNS.": "O nome {host} não está no DNS.",
    "Give {host} an A or AAAA record with your server's public address, or mend BATON_PUBLIC_URL.": (
        "Dê a {host} um registro A ou AAAA com o endereço público do servidor, ou corrija BATON_PUBLIC_URL."
    ),
    "Our own verify token is refused there.": "Nosso próprio token de verificação é recusado lá.",
    ("The gateway runs with another META_VERIFY_TOKEN than this command: give both the same, and start Baton again."): (
        "O gateway roda com outro META_VERIFY_TOKEN que este comando: dê o mesmo aos dois, e reinicie o Baton."
    ),
    "Any verify token is taken there.": "Qualquer token de verificação é aceito lá.",
    "No app secret is known, so every webhook is refused.": (
        "Nenhum segredo do app é conhecido, então todo webhook é recusado."
    ),
    "Give it with `./baton account set ID --app-secret -`, or META_APP_SECRET.": (
        "Informe com `./baton account set ID --app-secret -`, ou META_APP_SECRET."
    ),
    "A forged signature is taken there.": "Uma assinatura forjada é aceita lá.",
    "The header X-Hub-Signature-256 is lost on the way.": "O cabeçalho X-Hub-Signature-256 se perde no caminho.",
    "Let the proxy pass on all headers as they came.": "O proxy deve passar todos os cabeçalhos como vieram.",
    "Bodies are rewritten on the way, so their signatures no longer fit.": (
        "Os corpos são reescritos no caminho, e as assinaturas deixam de servir."
    ),
    "Take out what reads or changes bodies between the internet and Baton: filters, JSON middleware.": (
        "Tire o que lê ou muda corpos entre a internet e o Baton: filtros, middleware de JSON."
    ),
    "Bodies of 3 MB get through.": "Corpos de 3 MB passam.",
    "What listens at {host} does not speak HTTPS.": "O que escuta em {host} não fala HTTPS.",
    "Let the proxy speak TLS on this port; Meta calls HTTPS only.": (
        "O proxy deve falar TLS nesta porta; a Meta só chama HTTPS."
    ),
    "The certificate of {host} has expired.": "O certificado de {host} venceu.",
    "Renew it, and let it renew itself.": "Renove-o, e faça com que se renove sozinho.",
    "The certificate of {host} is self-signed.": "O certificado de {host} é autoassinado.",
    "The certificate is not for {host}.": "O certificado não é para {host}.",
    "Take one for this very name.": "Use um para exatamente este nome.",
    "The step before it comes first.": "O passo anterior vem primeiro.",
    "Make a new token for a system user of the app, one that never ends: `./baton account set ID --token -`.": (
        "Crie um token novo para um usuário do sistema do app, que nunca acabe: `./baton account set ID --token -`."
    ),
    "In the app, Webhooks, {topic}: enter {url} and the verify token, and save.": (
        "No app, Webhooks, {topic}: informe {url} e o token de verificação, e salve."
    ),
    "Let this machine reach graph.facebook.com, port 443, and try again.": (
        "Deixe esta máquina alcançar graph.facebook.com, porta 443, e tente de novo."
    ),
    "Meta refuses: {why}": "A Meta recusa: {why}",
    "Look at the token's permissions and assets.": "Veja as permissões e os ativos do token.",
    "Meta takes the token; it ends on {day}.": "A Meta aceita o token; ele acaba em {day}.",
    "The token may {scopes}.": "O token pode {scopes}.",
    "Subscribe to these too: {fields}.": "Assine estes também: {fields}.",
    "The app calls our address.": "O app chama o nosso endereço.",
    "Meta can't be asked: {why}": "Não se consegue perguntar à Meta: {why}",
    "The access token has expired.": "O token de acesso expirou.",
    "Meta does not take the access token.": "A Meta não aceita o token de acesso.",
    "Meta takes the token, and it has no end.": "A Meta aceita o token, e ele não tem fim.",
    "Meta does not say what the token may do.": "A Meta não diz o que o token pode fazer.",
    "The token lacks {missing}.": "Falta ao token {missing}.",
    "Make the token again with these ticked, then `./baton account set ID --token -`.": (
        "Crie o token de novo com elas marcadas, depois `./baton account set ID --token -`."
    ),
    "The token is not for {asset}.": "O token não é para {asset}.",
    "Business settings, System users: add it to the user's assets in full; then make a new token.": (
        "Configurações do negócio, Usuários do sistema: adicione aos ativos do usuário, por inteiro;"
        " depois crie um token novo."
    ),
    "The app {app} has another secret than the one known here.": "O app {app} tem outro segredo que o conhecido aqui.",
    "App settings, Basic, App secret: `./baton account set ID --app-secret -`.": (
        "Configurações do app, Básico, Chave secreta: `./baton account set ID --app-secret -`."
    ),
    "The app calls nobody for {topic}.": "O app não chama ninguém para {topic}.",
    "The app calls {url}.": "O app chama {url}.",
    "The app does not tell us of {fields}.": "O app não nos conta de {fields}.",
    "In the app, Webhooks, {topic}: subscribe to them.": "No app, Webhooks, {topic}: assine-os.",
    "The access token is no longer good.": "O token de acesso não vale mais.",
    "The token is of app {found}, the account says {ours}.": "O token é do app {found}, a conta diz {ours}.",
    "Give the token of that app, or mend it: `./baton account set ID --app-id APP_ID`.": (
        "Informe o token desse app, ou corrija: `./baton account set ID --app-id APP_ID`."
    ),
    "The app's id is not known: `./baton account set ID --app-id APP_ID`.": (
        "O id do app não é conhecido: `./baton account set ID --app-id APP_ID`."
    ),
    "The app's secret is the one that is known here.": "O segredo do app é o conhecido aqui.",
    "Meta blocks the {kind} (error {codes}).": "A Meta bloqueia {kind} (erro {codes}).",
    "Its name still waits for review: until then sends may be refused (131037).": (
        "O nome ainda espera revisão: até lá envios podem ser recusados (131037)."
    ),
    "{number} is there and registered.": "{number} existe e está registrado.",
    "With this token Meta knows no number {id}.": "Com este token a Meta não conhece nenhum número {id}.",
    (
        "The id is the phone number id of API setup, not the number itself; and the system user needs"
        " the WhatsApp account among its assets."
    ): (
        "O id é o identificador do número em API setup, não o próprio número; e o usuário do sistema"
        " precisa da conta do WhatsApp entre seus ativos."
    ),
    "WhatsApp Manager, Account tools, Phone numbers says why, and takes an appeal.": (
        "WhatsApp Manager, Ferramentas da conta, Números de telefone diz por quê, e recebe recurso."
    ),
    "The number is not of the business account {business}.": "O número não é da conta comercial {business}.",
    "Take the two ids from one page, API setup in the app: `./baton account set ID --waba-id WABA_ID`.": (
        "Pegue os dois ids da mesma página, API setup no app: `./baton account set ID --waba-id WABA_ID`."
    ),
    "The business account's id is not known: `./baton account set ID --waba-id WABA_ID`.": (
        "O id da conta comercial não é conhecido: `./baton account set ID --waba-id WABA_ID`."
    ),
    "Other apps are told too: only one of them may answer.": (
        "Outros apps também são avisados: só um deles pode responder."
    ),
    "The business account tells our app.": "A conta comercial avisa o nosso app.",
    "Little may be sent yet: finish the business's verification, and have the name approved.": (
        "Ainda se pode enviar pouco: termine a verificação do negócio, e tenha o nome aprovado."
    ),
    "The business account has no valid way to pay.": "A conta comercial não tem forma de pagamento válida.",
    "WhatsApp Manager, Billing: add a card, and make it that of this account.": (
        "WhatsApp Manager, Cobrança: adicione um cartão, e faça dele o desta conta."
    ),
    "Meta restricts the account: {what}.": "A Meta restringe a conta: {what}.",
    "WhatsApp Manager, Account quality says why, and takes an appeal.": (
        "WhatsApp Manager, Qualidade da conta diz por quê, e recebe recurso."
    ),
    "The last send failed for the whole account: {why}": "O último envio falhou para a conta inteira: {why}",
    "Mend that, then give the token again: `./baton account set ID --token -`; what waits then leaves.": (
        "Corrija isso, depois informe o token de novo: `./baton account set ID --token -`; o que espera então sai."
    ),
    "Only with the app's secret does Meta tell where the app calls.": (
        "Só com o segredo do app a Meta diz aonde o app chama."
    ),
    "Meta holds the number back: {status}.": "A Meta retém o número: {status}.",
    "The number is not registered with the Cloud API.": "O número não está registrado na Cloud API.",
    "Register it with a PIN of six digits: `./baton account register ID --pin -`.": (
        "Registre-o com um PIN de seis dígitos: `./baton account register ID --pin -`."
    ),
    "Meta has declined the number's name ({status}).": "A Meta recusou o nome do número ({status}).",
    "WhatsApp Manager, Phone numbers, the number: give another display name.": (
        "WhatsApp Manager, Números de telefone, o número: dê outro nome de exibição."
    ),
    "The business account tells the app nothing.": "A conta comercial não avisa o app de nada.",
    "Subscribe it: `./baton account subscribe ID`.": "Assine-a: `./baton account subscribe ID`.",
    "An override sends its webhooks to {url} instead.": "Um desvio manda os webhooks a {url}.",
    "Take the override out, or have it set to {url}.": "Tire o desvio, ou faça com que leve a {url}.",
    "Meta names nothing that stands in the way.": "A Meta não cita nada que impeça.",
    "Publish the app (Live), with its privacy policy, and finish what its dashboard asks for.": (
        "Publique o app (Live), com a política de privacidade, e termine o que o painel dele pede."
    ),
    "Business settings, Security centre: finish the verification, or appeal the restriction.": (
        "Configurações do negócio, Central de segurança: termine a verificação, ou recorra da restrição."
    ),
    "The permissions come first.": "As permissões vêm primeiro.",
    "Meta lets it send, within limits.": "A Meta deixa enviar, dentro de limites.",
    "Meta does not tell now.": "A Meta não diz agora.",
    "The token comes first.": "O token vem primeiro.",
    "Meta tells this only where people sign in with Facebook.": "A Meta só diz isso onde se entra com o Facebook.",
    "Meta knows the account by this token.": "A Meta conhece a conta por este token.",
    "The account tells our app.": "A conta avisa o nosso app.",
    "Meta tells this of WhatsApp alone.": "A Meta só diz isso do WhatsApp.",
    "Meta knows this token's account as {id}.": "A Meta conhece a conta deste token como {id}.",
    "Give that id: `./baton account set ID --also-known-as ANOTHER_ID`.": (
        "Informe esse id: `./baton account set ID --also-known-as OUTRO_ID`."
    ),
    "The account tells the app nothing.": "A conta não avisa o app de nada.",
    "Only people answer there: `./baton account set ID --auto-response on` lets the assistant.": (
        "Lá só pessoas respondem: `./baton account set ID --auto-response on` deixa a assistente."
    ),
    "{account} is switched on, and {agent} answers.": "{account} está ligada, e {agent} responde.",
    "Set BATON_PUBLIC_URL=https://your.domain for Baton and for this command, and start Baton again.": (
        "Defina BATON_PUBLIC_URL=https://seu.dominio para o Baton e para este comando, e reinicie o Baton."
    ),
    "Look the number up in Meta's list of errors of the Cloud API.": (
        "Procure o número na lista de erros da Cloud API da Meta."
    ),
    "Switch it on: `./baton account set ID --active on`.": "Ligue: `./baton account set ID --active on`.",
    "Switch it on: `./baton agent set {agent} --status active`.": "Ligue: `./baton agent set {agent} --status active`.",
    "Give it: `./baton account set ID --token -`.": "Informe: `./baton account set ID --token -`.",
    "BATON_PUBLIC_URL is more than a name: {url}.": "BATON_PUBLIC_URL é mais que um nome: {url}.",
    "Meta is to call {url}.": "A Meta deve chamar {url}.",
    "A test number writes to five people at most: add the number in the app, API setup, To.": (
        "Um número de teste escreve a cinco pessoas no máximo: adicione o número no app, API setup, To."
    ),
    "Let them write first, or name an approved template: `--template NAME`.": (
        "Deixe que escrevam primeiro, ou cite um modelo aprovado: `--template NOME`."
    ),
    "There is no such template: `--template NAME`, or let them write first.": (
        "Não existe esse modelo: `--template NOME`, ou deixe que escrevam primeiro."
    ),
    "The message was not taken: {why}": "A mensagem não foi aceita: {why}",
    "The address comes first.": "O endereço vem primeiro.",
    "Meta took the message, and no report of it has come.": "A Meta aceitou a mensagem, e nenhum aviso sobre ela veio.",
    "Webhooks do not arrive: is the app Live, is the account subscribed, does another app get them?": (
        "Os webhooks não chegam: o app está Live, a conta está assinada, outro app os recebe?"
    ),
    "{account} is switched off here.": "{account} está desligada aqui.",
    "The agent {agent} is switched off here.": "O agente {agent} está desligado aqui.",
    "{account} has no access token.": "{account} não tem token de acesso.",
    "BATON_PUBLIC_URL is not set.": "BATON_PUBLIC_URL não está definida.",
    "BATON_PUBLIC_URL is not https: {url}.": "BATON_PUBLIC_URL não é https: {url}.",
    "BATON_PUBLIC_URL is not reached from outside: {url}.": "BATON_PUBLIC_URL não é alcançada de fora: {url}.",
    "Give Baton a name of its own, with nothing after it.": "Dê ao Baton um nome só dele, sem nada depois.",
    "Nobody was named to write to: `--to +5511…`.": "Ninguém foi citado a quem escrever: `--to +5511…`.",
    "Only on WhatsApp can a business write first.": "Só no WhatsApp um negócio pode escrever primeiro.",
    "What failed before comes first.": "O que falhou antes vem primeiro.",
    "Meta took it; its report is not waited for, since what failed comes first.": (
        "A Meta aceitou; o aviso não é esperado, pois o que falhou vem primeiro."
    ),
    "A message left, and its report came back.": "Uma mensagem saiu, e o aviso dela voltou.",
}
