"""What `scripts/ask` says to the person who asks."""

from __future__ import annotations

from scripts.start.messages import Sentence

# While it waits

QUESTION = Sentence("Question: ", "Pergunta: ", "Pregunta: ")
SEARCHING = Sentence(
    "Searching the documents …", "Procurando nos documentos …", "Buscando en los documentos …"
)
QUEUED = Sentence(
    "Others are answered first; place in the line: {place}",
    "Outras perguntas são respondidas antes; lugar na fila: {place}",
    "Otras preguntas se responden antes; lugar en la cola: {place}",
)
UNDERSTOOD = Sentence("Understood as: {question}", "Entendida como: {question}", "Entendida como: {question}")
BEGINS_CONVERSATION = Sentence(
    "There is nothing to go on from here: this begins a conversation.",
    "Não há o que continuar aqui: esta pergunta começa uma conversa.",
    "Aquí no hay nada que continuar: esta pregunta empieza una conversación.",
)
ANSWERING = Sentence("{model} answers …", "{model} responde …", "{model} responde …")
COMING_BACK = Sentence(
    "The connection was lost; reading on …",
    "A conexão caiu; retomando a leitura …",
    "Se perdió la conexión; retomando la lectura …",
)
BEGINS_ANEW = Sentence(
    "The model failed; {model} begins anew …",
    "O modelo falhou; {model} começa de novo …",
    "El modelo falló; {model} empieza de nuevo …",
)

# In and around the answer

VOID = Sentence(
    "The model failed: what stands above is void, and {model} begins anew.",
    "O modelo falhou: o que está acima não vale mais, e {model} começa de novo.",
    "El modelo falló: lo anterior ya no vale, y {model} empieza de nuevo.",
)

SOURCES = Sentence("Sources", "Fontes", "Fuentes")
READ = Sentence(
    "Passages that were read; none of them is cited",
    "Trechos lidos; nenhum deles é citado",
    "Fragmentos leídos; ninguno de ellos se cita",
)
NEAREST = Sentence("The nearest pages", "As páginas mais próximas", "Las páginas más cercanas")
PAGE = Sentence("page {page}", "página {page}", "página {page}")
PAGES = Sentence("pages {page}–{last}", "páginas {page}–{last}", "páginas {page}–{last}")
MISSING = Sentence(
    "Check before you use it: {facts} is not on the cited pages.",
    "Confira antes de usar: {facts} não aparece nas páginas citadas.",
    "Compruébalo antes de usarlo: {facts} no aparece en las páginas citadas.",
)
CUT = Sentence(
    "The answer was cut at its greatest length.",
    "A resposta foi cortada no comprimento máximo.",
    "La respuesta se cortó en su longitud máxima.",
)

# Why there is no answer

TOLD = Sentence("{message}", "{message}", "{message}")
NO_QUESTION = Sentence(
    'There is no question. Write it after the command (scripts/ask "…"), or send it to its standard input.',
    'Falta a pergunta. Escreva-a depois do comando (scripts/ask "…") ou envie-a à entrada padrão.',
    'Falta la pregunta. Escríbela después del comando (scripts/ask "…") o envíala a la entrada estándar.',
)
WRONG_ADDRESS = Sentence(
    "{address!r} is not the address of a server. It should be like http://localhost:8000.",
    "{address!r} não é o endereço de um servidor. Ele deve ser como http://localhost:8000.",
    "{address!r} no es la dirección de un servidor. Debe ser como http://localhost:8000.",
)
NO_SERVER = Sentence(
    "No server answers at {server} ({reason}). Start it with scripts/run, or say where it is: "
    "--server http://HOST:PORT",
    "Nenhum servidor responde em {server} ({reason}). Inicie-o com scripts/run ou diga onde ele está: "
    "--server http://HOST:PORTA",
    "Ningún servidor responde en {server} ({reason}). Inícialo con scripts/run o indica dónde está: "
    "--server http://HOST:PUERTO",
)
NOT_ACERVO = Sentence(
    "What answers at {server} is not Acervo's server. Say where that is: --server http://HOST:PORT",
    "O que responde em {server} não é o servidor do Acervo. Diga onde ele está: --server http://HOST:PORTA",
    "Lo que responde en {server} no es el servidor de Acervo. Indica dónde está: --server http://HOST:PUERTO",
)
LOST = Sentence(
    "The connection to {server} was lost and could not be made again. Ask once more.",
    "A conexão com {server} caiu e não pôde ser refeita. Pergunte de novo.",
    "Se perdió la conexión con {server} y no se pudo restablecer. Vuelve a preguntar.",
)
ENDED_BY_SERVER = Sentence(
    "The answer was stopped before its end. Ask once more.",
    "A resposta foi interrompida antes do fim. Pergunte de novo.",
    "La respuesta se detuvo antes del final. Vuelve a preguntar.",
)
UNKNOWN_DOCUMENT = Sentence(
    "No document is called {name!r}. There are: {names}",
    "Nenhum documento se chama {name!r}. Há: {names}",
    "Ningún documento se llama {name!r}. Hay: {names}",
)
NO_DOCUMENTS = Sentence(
    "No document is called {name!r}: there are none yet. Load some with scripts/seed FILE.",
    "Nenhum documento se chama {name!r}: ainda não há documentos. Carregue alguns com scripts/seed ARQUIVO.",
    "Ningún documento se llama {name!r}: todavía no hay documentos. Carga algunos con scripts/seed ARCHIVO.",
)
SEVERAL_DOCUMENTS = Sentence(
    "Several documents may be meant by {name!r}. Name one of them in full: {names}",
    "Vários documentos podem ser {name!r}. Dê o nome completo de um deles: {names}",
    "Varios documentos pueden ser {name!r}. Da el nombre completo de uno de ellos: {names}",
)
