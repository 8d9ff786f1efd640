"""Every sentence that people read, in Portuguese, Spanish and English.

A `Sentence` is a key with its values; it becomes text where the reader's language is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["pt", "es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FALLBACK: Language = "en"

Key = Literal[
    "refusal",
    "no_documents",
    "not_json",
    "not_an_object",
    "wrong_type",
    "wrong_choice",
    "out_of_range",
    "nothing_said",
    "text_missing",
    "text_too_long",
    "payload_too_large",
    "file_too_large",
    "no_space",
    "feedback_full",
    "nothing_sent",
    "upload_cut",
    "wrong_url",
    "host_unknown",
    "origin_refused",
    "not_found",
    "method_not_allowed",
    "unknown_document",
    "unknown_page",
    "unknown_model",
    "unknown_answer",
    "no_file",
    "render_failed",
    "store_unavailable",
    "store_busy",
    "waits_for_writer",
    "waits_for_store",
    "waits_for_embedder",
    "waits_for_loader",
    "internal",
    "model_unavailable",
    "model_resting",
    "too_busy",
    "model_unreachable",
    "model_refused",
    "model_broken",
    "no_model",
    "model_left_out",
    "openai_ready",
    "openai_unreachable",
    "openai_key_refused",
    "openai_no_model",
    "openai_not_listed",
    "ollama_ready",
    "ollama_substitute",
    "ollama_unreachable",
    "ollama_not_installed",
    "gemini_ready",
    "gemini_no_key",
    "extractive_ready",
    "begins_anew",
    "sources_begin",
    "model_said",
    "not_offered",
    "start_address",
    "start_answering",
    "start_nobody_answers",
    "start_port_taken",
    "start_host_unusable",
    "reason_encrypted",
    "reason_broken",
    "reason_empty",
    "reason_too_large",
    "reason_too_slow",
    "reason_too_much_memory",
    "reason_no_text",
    "reason_unsupported",
    "reason_missing",
    "reason_unreachable",
    "reason_refused",
]

SENTENCES: Mapping[Key, Mapping[Language, str]] = {
    "refusal": {
        "pt": "Não tenho informações suficientes nos documentos para responder.",
        "es": "No tengo información suficiente en los documentos para responder.",
        "en": "I don't have enough information in the documents to answer.",
    },
    "no_documents": {
        "pt": "Ainda não há documentos no acervo. Acrescente alguns com "
        "`python -m database seed ARQUIVO_OU_ENDEREÇO` e pergunte de novo.",
        "es": "Todavía no hay documentos en el acervo. Añade algunos con "
        "`python -m database seed ARCHIVO_O_DIRECCIÓN` y vuelve a preguntar.",
        "en": "There are no documents in the collection yet. Add some with "
        "`python -m database seed FILE_OR_ADDRESS` and ask again.",
    },
    "not_json": {
        "pt": "O corpo do pedido não é JSON. Envie um objeto como {example}.",
        "es": "El cuerpo de la petición no es JSON. Envía un objeto como {example}.",
        "en": "The request's body is not JSON. Send an object such as {example}.",
    },
    "not_an_object": {
        "pt": "O corpo do pedido não é um objeto JSON. Envie um objeto como {example}.",
        "es": "El cuerpo de la petición no es un objeto JSON. Envía un objeto como {example}.",
        "en": "The request's body is not a JSON object. Send an object such as {example}.",
    },
    "wrong_type": {
        "pt": "O campo `{field}` tem um valor do tipo errado. Ele aceita: {allowed}.",
        "es": "El campo `{field}` tiene un valor de tipo equivocado. Acepta: {allowed}.",
        "en": "The field `{field}` has a value of the wrong type. It takes: {allowed}.",
    },
    "wrong_choice": {
        "pt": "O campo `{field}` tem um valor desconhecido. Ele aceita: {allowed}.",
        "es": "El campo `{field}` tiene un valor desconocido. Acepta: {allowed}.",
        "en": "The field `{field}` has an unknown value. It takes: {allowed}.",
    },
    "out_of_range": {
        "pt": "O campo `{field}` aceita de {least} a {most}.",
        "es": "El campo `{field}` acepta de {least} a {most}.",
        "en": "The field `{field}` takes {least} to {most}.",
    },
    "nothing_said": {
        "pt": "O pedido não diz o que mudar. Ele aceita: {fields}.",
        "es": "La petición no dice qué cambiar. Acepta: {fields}.",
        "en": "The request doesn't say what to change. It takes: {fields}.",
    },
    "text_missing": {
        "pt": "Falta a pergunta: envie-a no campo `{field}`.",
        "es": "Falta la pregunta: envíala en el campo `{field}`.",
        "en": "The question is missing: send it in the field `{field}`.",
    },
    "text_too_long": {
        "pt": "A pergunta é longa demais. O limite é de {limit} caracteres.",
        "es": "La pregunta es demasiado larga. El límite es de {limit} caracteres.",
        "en": "The question is too long. The limit is {limit} characters.",
    },
    "payload_too_large": {
        "pt": "O pedido é grande demais. O limite é de {limit} bytes.",
        "es": "La petición es demasiado grande. El límite es de {limit} bytes.",
        "en": "The request is too large. The limit is {limit} bytes.",
    },
    "file_too_large": {
        "pt": "O arquivo é grande demais. O limite é de {limit} MiB; divida-o em partes.",
        "es": "El archivo es demasiado grande. El límite es de {limit} MiB; divídalo en partes.",
        "en": "The file is too large. The limit is {limit} MiB; divide it into parts.",
    },
    "no_space": {
        "pt": "Não há espaço em disco para esse arquivo. Libere algum em DATA_DIR e envie-o de novo.",
        "es": "No hay espacio en disco para ese archivo. Libera algo en DATA_DIR y envíalo de nuevo.",
        "en": "There is no space on the disk for that file. Free some in DATA_DIR and send it again.",
    },
    "feedback_full": {
        "pt": "As avaliações guardadas chegaram a {limit} MiB. Quem cuida do servidor pode mover o arquivo "
        "DATA_DIR/feedback/feedback.jsonl; depois, envie de novo.",
        "es": "Las valoraciones guardadas llegaron a {limit} MiB. Quien cuida del servidor puede mover el "
        "archivo DATA_DIR/feedback/feedback.jsonl; después, envía de nuevo.",
        "en": "The feedback that is kept has reached {limit} MiB. Whoever looks after the server can move "
        "DATA_DIR/feedback/feedback.jsonl away; then send it again.",
    },
    "nothing_sent": {
        "pt": "O pedido não traz arquivos. Envie-os como `multipart/form-data`, ou um objeto como {example}.",
        "es": "Faltan los archivos. Envíalos como `multipart/form-data` o un objeto como {example}.",
        "en": "The request brings no files. Send `multipart/form-data` or an object such as {example}.",
    },
    "upload_cut": {
        "pt": "O envio parou no meio ou não pode ser lido. Envie os arquivos de novo.",
        "es": "El envío se detuvo a la mitad o no se puede leer. Envía los archivos de nuevo.",
        "en": "The upload stopped midway or can't be read. Send the files again.",
    },
    "wrong_url": {
        "pt": "O campo `url` aceita um endereço que comece com http:// ou https://.",
        "es": "El campo `url` acepta una dirección que empiece por http:// o https://.",
        "en": "The field `url` takes an address that begins with http:// or https://.",
    },
    "host_unknown": {
        "pt": "Este servidor não atende por esse nome. Acrescente-o a HOST ou a ALLOWED_ORIGINS.",
        "es": "Este servidor no atiende con ese nombre. Añádelo a HOST o a ALLOWED_ORIGINS.",
        "en": "This server does not go by that name. Add it to HOST or to ALLOWED_ORIGINS.",
    },
    "origin_refused": {
        "pt": "A página {origin} não pode fazer isso aqui. Acrescente o endereço dela a ALLOWED_ORIGINS.",
        "es": "La página {origin} no puede hacer esto aquí. Añade su dirección a ALLOWED_ORIGINS.",
        "en": "The page {origin} may not do that on this server. Add its address to ALLOWED_ORIGINS.",
    },
    "not_found": {
        "pt": "Não há nada neste endereço.",
        "es": "No hay nada en esta dirección.",
        "en": "There is nothing at this address.",
    },
    "method_not_allowed": {
        "pt": "Este endereço não aceita {method}. Ele aceita: {allowed}.",
        "es": "Esta dirección no acepta {method}. Acepta: {allowed}.",
        "en": "This address does not take {method}. It takes: {allowed}.",
    },
    "unknown_document": {
        "pt": "Não há no acervo um documento com esse identificador.",
        "es": "No hay en el acervo un documento con ese identificador.",
        "en": "The collection has no document with that id.",
    },
    "unknown_page": {
        "pt": "O documento não tem essa página.",
        "es": "El documento no tiene esa página.",
        "en": "The document has no such page.",
    },
    "unknown_model": {
        "pt": "Não há um modelo com esse nome. Há: {names}.",
        "es": "No hay un modelo con ese nombre. Hay: {names}.",
        "en": "There is no model of that name. There are: {names}.",
    },
    "unknown_answer": {
        "pt": "Essa resposta não existe mais. Pergunte de novo.",
        "es": "Esa respuesta ya no existe. Pregunta de nuevo.",
        "en": "That answer is not there any more. Ask again.",
    },
    "no_file": {
        "pt": "O arquivo original desse documento não está guardado.",
        "es": "El archivo original de ese documento no está guardado.",
        "en": "The original file of that document is not kept.",
    },
    "render_failed": {
        "pt": "Não foi possível desenhar a página: {reason}.",
        "es": "No fue posible dibujar la página: {reason}.",
        "en": "The page could not be drawn: {reason}.",
    },
    "store_unavailable": {
        "pt": "O acervo não pode ser lido agora. Tente de novo em instantes.",
        "es": "El acervo no se puede leer ahora. Inténtalo de nuevo en un momento.",
        "en": "The collection can't be read at the moment. Try again shortly.",
    },
    "store_busy": {
        "pt": "Outro processo está carregando documentos no acervo. Tente de novo quando ele terminar.",
        "es": "Otro proceso está cargando documentos en el acervo. Inténtalo de nuevo cuando termine.",
        "en": "Another process is loading documents into the collection. Try again when it has finished.",
    },
    "waits_for_writer": {
        "pt": "à espera de outro processo que está carregando documentos",
        "es": "a la espera de otro proceso que está cargando documentos",
        "en": "waiting for another process that is loading documents",
    },
    "waits_for_store": {
        "pt": "à espera do acervo, que não pode ser usado agora",
        "es": "a la espera del acervo, que no se puede usar ahora",
        "en": "waiting for the collection, which can't be used now",
    },
    "waits_for_embedder": {
        "pt": "à espera do modelo de embeddings, que não pode ser carregado; veja o log do servidor",
        "es": "a la espera del modelo de embeddings, que no se puede cargar; consulta el log del servidor",
        "en": "waiting for the embedding model, which can't be loaded; see the server's log",
    },
    "waits_for_loader": {
        "pt": "à espera do processo que carrega documentos, que não começa; veja o log do servidor",
        "es": "a la espera del proceso que carga documentos, que no arranca; consulta el log del servidor",
        "en": "waiting for the process that loads documents, which can't start; see the server's log",
    },
    "internal": {
        "pt": "Algo deu errado no servidor. O registro tem os detalhes sob {id}.",
        "es": "Algo salió mal en el servidor. El registro tiene los detalles con {id}.",
        "en": "Something went wrong in the server. Its log has the details under {id}.",
    },
    "model_unavailable": {
        "pt": "{name} não está disponível: {reason}.",
        "es": "{name} no está disponible: {reason}.",
        "en": "{name} is not available: {reason}.",
    },
    "model_resting": {
        "pt": "falhou várias vezes seguidas; volta a ser consultado em {seconds} s",
        "es": "ha fallado varias veces seguidas; se le vuelve a preguntar en {seconds} s",
        "en": "has failed several times in a row; it is asked again in {seconds} s",
    },
    "too_busy": {
        "pt": "Há perguntas demais na fila. Tente de novo em cerca de {seconds} s.",
        "es": "Hay demasiadas preguntas en la cola. Inténtalo de nuevo en unos {seconds} s.",
        "en": "Too many questions are waiting. Try again in about {seconds} s.",
    },
    "model_unreachable": {
        "pt": "{name} não respondeu a tempo. Tente de novo em instantes.",
        "es": "{name} no respondió a tiempo. Inténtalo de nuevo en un momento.",
        "en": "{name} did not answer in time. Try again shortly.",
    },
    "model_refused": {
        "pt": "{name} recusou o pedido. O registro do servidor tem os detalhes.",
        "es": "{name} rechazó la petición. El registro del servidor tiene los detalles.",
        "en": "{name} refused the request. The server's log has the details.",
    },
    "model_broken": {
        "pt": "{name} parou antes do fim da resposta. Pergunte de novo.",
        "es": "{name} se detuvo antes del final de la respuesta. Vuelve a preguntar.",
        "en": "{name} stopped before the end of the answer. Ask again.",
    },
    "no_model": {
        "pt": "Não há modelo para responder: os que ANSWER_WITH nomeia não estão configurados.",
        "es": "No hay modelo para responder: los que ANSWER_WITH nombra no están configurados.",
        "en": "There is no model to answer: those that ANSWER_WITH names are not set up.",
    },
    "model_left_out": {
        "pt": "ANSWER_WITH não o nomeia",
        "es": "ANSWER_WITH no lo nombra",
        "en": "ANSWER_WITH does not name it",
    },
    "openai_ready": {
        "pt": "oferecido pelo servidor em {address}; perguntas e trechos vão para ele quando ele responde",
        "es": "ofrecido por el servidor en {address}; preguntas y fragmentos van a él cuando responde",
        "en": "offered by the server at {address}; questions and passages go there when it answers",
    },
    "openai_unreachable": {
        "pt": "nenhum servidor compatível com OpenAI respondeu em {address}: inicie-o ou corrija "
        "OPENAI_BASE_URL, que costuma terminar em /v1",
        "es": "ningún servidor compatible con OpenAI respondió en {address}: inícialo o corrige "
        "OPENAI_BASE_URL, que suele terminar en /v1",
        "en": "no OpenAI-compatible server answered at {address}: start it, or correct "
        "OPENAI_BASE_URL, which usually ends in /v1",
    },
    "openai_key_refused": {
        "pt": "o servidor em {address} recusou a chave: corrija OPENAI_API_KEY",
        "es": "el servidor en {address} rechazó la clave: corrige OPENAI_API_KEY",
        "en": "the server at {address} refused the key: correct OPENAI_API_KEY",
    },
    "openai_no_model": {
        "pt": "o servidor em {address} não tem modelo que converse",
        "es": "el servidor en {address} no tiene un modelo que converse",
        "en": "the server at {address} has no model that can chat",
    },
    "openai_not_listed": {
        "pt": "o servidor em {address} não tem {wanted}: ponha em OPENAI_MODEL um dos seus ({names})",
        "es": "el servidor en {address} no tiene {wanted}: pon en OPENAI_MODEL uno de los suyos ({names})",
        "en": "the server at {address} does not have {wanted}: name one of its own in OPENAI_MODEL ({names})",
    },
    "ollama_ready": {
        "pt": "instalado no Ollama em {host}",
        "es": "instalado en Ollama en {host}",
        "en": "installed in Ollama at {host}",
    },
    "ollama_substitute": {
        "pt": "responde no lugar de {wanted}, que não está instalado: `ollama pull {wanted}`",
        "es": "responde en lugar de {wanted}, que no está instalado: `ollama pull {wanted}`",
        "en": "answers in place of {wanted}, which is not installed: `ollama pull {wanted}`",
    },
    "ollama_unreachable": {
        "pt": "Ollama não respondeu em {host}: inicie-o com `ollama serve`",
        "es": "Ollama no respondió en {host}: inícialo con `ollama serve`",
        "en": "Ollama did not answer at {host}: start it with `ollama serve`",
    },
    "ollama_not_installed": {
        "pt": "{wanted} não está instalado: `ollama pull {wanted}`",
        "es": "{wanted} no está instalado: `ollama pull {wanted}`",
        "en": "{wanted} is not installed: `ollama pull {wanted}`",
    },
    "gemini_ready": {
        "pt": "GOOGLE_API_KEY está definida; perguntas e trechos vão ao Google quando ele responde",
        "es": "GOOGLE_API_KEY está definida; preguntas y fragmentos van a Google cuando él responde",
        "en": "GOOGLE_API_KEY is set; questions and passages go to Google when it answers",
    },
    "gemini_no_key": {
        "pt": "GOOGLE_API_KEY não está definida",
        "es": "GOOGLE_API_KEY no está definida",
        "en": "GOOGLE_API_KEY is not set",
    },
    "extractive_ready": {
        "pt": "cita os trechos dos documentos; não precisa de modelo",
        "es": "cita los fragmentos de los documentos; no necesita modelo",
        "en": "quotes the documents' passages; needs no model",
    },
    "begins_anew": {
        "pt": "A resposta acima foi interrompida. {name} responde desde o começo:",
        "es": "La respuesta anterior se interrumpió. {name} responde desde el principio:",
        "en": "The answer above was broken off. {name} answers from the beginning:",
    },
    "sources_begin": {"pt": "Fontes: {places}", "es": "Fuentes: {places}", "en": "Sources: {places}"},
    "model_said": {
        "pt": "{name} não aceita o pedido: {said}",
        "es": "{name} no acepta la petición: {said}",
        "en": "{name} does not take the request: {said}",
    },
    "not_offered": {
        "pt": "O Acervo não oferece esta parte da API. O que ele oferece está em docs/clients.md.",
        "es": "Acervo no ofrece esta parte de la API. Lo que ofrece está en docs/clients.md.",
        "en": "Acervo does not offer this part of the API. What it offers is in docs/clients.md.",
    },
    "start_address": {
        "pt": "O servidor atende em {address}",
        "es": "El servidor atiende en {address}",
        "en": "The server listens at {address}",
    },
    "start_answering": {
        "pt": "Quem responde: {name}",
        "es": "Quien responde: {name}",
        "en": "What answers: {name}",
    },
    "start_nobody_answers": {
        "pt": "Nenhum modelo pode responder agora; os trechos ainda podem ser buscados.",
        "es": "Ningún modelo puede responder ahora; los fragmentos aún se pueden buscar.",
        "en": "No model can answer now; passages can still be searched for.",
    },
    "start_port_taken": {
        "pt": "A porta {port} em {host} já está em uso. Pare o outro programa ou mude PORT.",
        "es": "El puerto {port} en {host} ya está en uso. Detén el otro programa o cambia PORT.",
        "en": "Port {port} on {host} is in use. Stop the other program or change PORT.",
    },
    "start_host_unusable": {
        "pt": "Não é possível atender em HOST={host}, PORT={port}: {error}.",
        "es": "No es posible atender en HOST={host}, PORT={port}: {error}.",
        "en": "Can't listen on HOST={host}, PORT={port}: {error}.",
    },
    "reason_encrypted": {
        "pt": "o documento pede uma senha",
        "es": "el documento pide una contraseña",
        "en": "the document asks for a password",
    },
    "reason_broken": {
        "pt": "o arquivo está danificado",
        "es": "el archivo está dañado",
        "en": "the file is damaged",
    },
    "reason_empty": {"pt": "o arquivo está vazio", "es": "el archivo está vacío", "en": "the file is empty"},
    "reason_too_large": {
        "pt": "é grande demais",
        "es": "es demasiado grande",
        "en": "it is too large",
    },
    "reason_too_slow": {
        "pt": "demorou demais",
        "es": "tardó demasiado",
        "en": "it took too long",
    },
    "reason_too_much_memory": {
        "pt": "precisa de memória demais",
        "es": "necesita demasiada memoria",
        "en": "it needs too much memory",
    },
    "reason_no_text": {
        "pt": "não contém texto",
        "es": "no contiene texto",
        "en": "it holds no text",
    },
    "reason_unsupported": {
        "pt": "esse formato não é aceito",
        "es": "ese formato no se admite",
        "en": "that format is not supported",
    },
    "reason_missing": {
        "pt": "o arquivo não foi encontrado",
        "es": "no se encontró el archivo",
        "en": "the file was not found",
    },
    "reason_unreachable": {
        "pt": "o endereço não respondeu",
        "es": "la dirección no respondió",
        "en": "the address did not answer",
    },
    "reason_refused": {
        "pt": "o acesso foi recusado",
        "es": "se rechazó el acceso",
        "en": "access was refused",
    },
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be said, before the reader's language is known."""

    key: Key
    values: Mapping[str, object]

    def text(self, language: Language) -> str:
        values = {
            name: value.text(language) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return SENTENCES[self.key][language].format_map(values)


def sentence(key: Key, **values: object) -> Sentence:
    return Sentence(key, values)


def parse_language(tag: str) -> Language | None:
    """The language of a tag such as `pt-BR` or `es_MX.UTF-8`; None where it is not one of ours."""
    primary = tag.strip().replace("_", "-").partition("-")[0].partition(".")[0].lower()
    return next((language for language in LANGUAGES if language == primary), None)


def accepted_language(header: str) -> Language:
    """The best of our languages by an Accept-Language header (RFC 9110, 12.5.4)."""
    best, weight = FALLBACK, 0.0
    for part in header.split(",")[:50]:
        tag, _, parameter = part.partition(";")
        language = parse_language(tag)
        quality = _quality(parameter)
        if language and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
