"""What the terminal commands say, in Portuguese, Spanish and English."""

from __future__ import annotations

import os
from dataclasses import dataclass

from database.errors import DatabaseError, ProblemError, Reason
from database.problems import Language

_SENTENCES: dict[str, dict[Language, str]] = {
    "progress": {
        "pt": "{documents}/{all_documents} documentos · {pages}/{all_pages} páginas · {speed} páginas/s · faltam {left}",
        "es": "{documents}/{all_documents} documentos · {pages}/{all_pages} páginas · {speed} páginas/s · faltan {left}",
        "en": "{documents}/{all_documents} documents · {pages}/{all_pages} pages · {speed} pages/s · {left} left",
    },
    "progress_vectors": {
        "pt": "Já se pode perguntar (por palavras). Vetores: {pages}/{all_pages} trechos · {speed} trechos/s · faltam {left}",
        "es": "Ya se puede preguntar (por palabras). Vectores: {pages}/{all_pages} fragmentos · {speed} fragmentos/s · faltan {left}",
        "en": "Questions can be asked (by words). Vectors: {pages}/{all_pages} passages · {speed} passages/s · {left} left",
    },
    "progress_new_vectors": {
        "pt": "Pergunta-se aos vetores de antes. Vetores novos: {pages}/{all_pages} trechos · {speed} trechos/s · faltam {left}",
        "es": "Se pregunta a los vectores de antes. Vectores nuevos: {pages}/{all_pages} fragmentos · {speed} fragmentos/s · faltan {left}",
        "en": "Questions go to the vectors there were. New vectors: {pages}/{all_pages} passages · {speed} passages/s · {left} left",
    },
    "changing_over": {
        "pt": "O acervo responde com {answering}. Vetores de {coming}: {embedded} de {passages} trechos.",
        "es": "El acervo responde con {answering}. Vectores de {coming}: {embedded} de {passages} fragmentos.",
        "en": "The collection answers with {answering}. Vectors of {coming}: {embedded} of {passages} passages.",
    },
    "changed_over": {
        "pt": "O acervo responde agora com {coming}.",
        "es": "El acervo responde ahora con {coming}.",
        "en": "The collection answers with {coming} now.",
    },
    "progress_layout": {
        "pt": "Já se pode perguntar. Tabelas e títulos: {pages}/{all_pages} páginas · {speed} páginas/s · faltam {left}",
        "es": "Ya se puede preguntar. Tablas y títulos: {pages}/{all_pages} páginas · {speed} páginas/s · faltan {left}",
        "en": "Questions can be asked. Tables and headings: {pages}/{all_pages} pages · {speed} pages/s · {left} left",
    },
    "password": {
        "pt": "Senha dos documentos (Enter sem nada encerra): ",
        "es": "Contraseña de los documentos (Intro sin nada termina): ",
        "en": "Password of the documents (Enter alone ends): ",
    },
    "loading_model": {
        "pt": "Carregando o modelo de embeddings…",
        "es": "Cargando el modelo de embeddings…",
        "en": "Loading the embedding model…",
    },
    "waiting_for_index": {
        "pt": "O MongoDB está construindo o índice {name}… ({seconds} s)",
        "es": "MongoDB está construyendo el índice {name}… ({seconds} s)",
        "en": "MongoDB is building the index {name}… ({seconds} s)",
    },
    "loaded": {
        "pt": "✓ {name}: {chunks} trechos",
        "es": "✓ {name}: {chunks} fragmentos",
        "en": "✓ {name}: {chunks} passages",
    },
    "copy": {
        "pt": "= {name}: os mesmos bytes de {other}, que já está no acervo",
        "es": "= {name}: los mismos bytes que {other}, que ya está en el acervo",
        "en": "= {name}: the same bytes as {other}, which is in the collection already",
    },
    "waiting_for_writer": {
        "pt": "Outro processo está carregando documentos neste acervo; esperando a vez…",
        "es": "Otro proceso está cargando documentos en este acervo; esperando el turno…",
        "en": "Another process is loading documents into this collection; waiting for a turn…",
    },
    "failed": {"pt": "✗ {name}: {reason}", "es": "✗ {name}: {reason}", "en": "✗ {name}: {reason}"},
    "removed": {"pt": "− {name}: removido", "es": "− {name}: eliminado", "en": "− {name}: removed"},
    "summary": {
        "pt": "{loaded} carregados, {unchanged} sem mudança, {copies} cópias, {removed} removidos, {failed} com falha: {pages} páginas em {seconds} s.",
        "es": "{loaded} cargados, {unchanged} sin cambios, {copies} copias, {removed} eliminados, {failed} con error: {pages} páginas en {seconds} s.",
        "en": "{loaded} loaded, {unchanged} unchanged, {copies} copies, {removed} removed, {failed} failed: {pages} pages in {seconds} s.",
    },
    "no_such_folder": {
        "pt": "A pasta {folder} não existe.",
        "es": "La carpeta {folder} no existe.",
        "en": "The folder {folder} doesn't exist.",
    },
    "folder_gone": {
        "pt": "A pasta {folder} não está acessível; seus documentos ficam como estão até ela voltar.",
        "es": "No se puede acceder a la carpeta {folder}; sus documentos quedan como están hasta que vuelva.",
        "en": "The folder {folder} is out of reach; its documents stay as they are until it is back.",
    },
    "watching": {
        "pt": "Acompanhando {folders}. Ctrl-C encerra.",
        "es": "Siguiendo {folders}. Ctrl-C termina.",
        "en": "Watching {folders}. Ctrl-C ends it.",
    },
    "nothing_to_load": {
        "pt": "Não há documentos para carregar em {places}. São aceitos: PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html e endereços da web.",
        "es": "No hay documentos que cargar en {places}. Se aceptan: PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html y direcciones web.",
        "en": "There are no documents to load in {places}. Accepted: PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html and web addresses.",
    },
    "count": {
        "pt": "{documents} documentos, {chunks} trechos, em {place} ({model})",
        "es": "{documents} documentos, {chunks} fragmentos, en {place} ({model})",
        "en": "{documents} documents, {chunks} passages, in {place} ({model})",
    },
    "pages_found": {
        "pt": "{site}: {pages} páginas encontradas",
        "es": "{site}: {pages} páginas encontradas",
        "en": "{site}: {pages} pages found",
    },
    "crawled": {
        "pt": "{site}: {pages} páginas encontradas, {left_out} deixadas de lado (por regra do site, cópias ou de outro tipo)",
        "es": "{site}: {pages} páginas encontradas, {left_out} omitidas (por reglas del sitio, copias o de otro tipo)",
        "en": "{site}: {pages} pages found, {left_out} left out (by the site's rules, copies or of other kinds)",
    },
    "crawl_most": {
        "pt": "{site}: a visita parou em {most} páginas; com --most vão mais.",
        "es": "{site}: la visita paró en {most} páginas; con --most van más.",
        "en": "{site}: the visit stopped at {most} pages; --most allows more.",
    },
    "crawl_large": {
        "pt": "{site}: a visita parou porque as páginas ocupam espaço demais; carregue o site por partes.",
        "es": "{site}: la visita paró porque las páginas ocupan demasiado espacio; cargue el sitio por partes.",
        "en": "{site}: the visit stopped because the pages take too much space; load the site in parts.",
    },
    "crawl_silent": {
        "pt": "{site}: a visita parou porque o site deixou de responder; repita o comando mais tarde.",
        "es": "{site}: la visita paró porque el sitio dejó de responder; repita el comando más tarde.",
        "en": "{site}: the visit stopped because the site no longer answers; repeat the command later.",
    },
    "intranet": {
        "pt": "{host} está em {address}, que não é um endereço público da internet. Se é um site da sua rede, defina INTRANET_ADDRESSES={address} e repita.",
        "es": "{host} está en {address}, que no es una dirección pública de internet. Si es un sitio de su red, defina INTRANET_ADDRESSES={address} y repita.",
        "en": "{host} is at {address}, which isn't a public internet address. If it is a site of your own network, set INTRANET_ADDRESSES={address} and repeat.",
    },
    "no_such_document": {
        "pt": "Não há documento com o nome ou id {name}. `python -m database status` mostra os que há.",
        "es": "No hay ningún documento con el nombre o id {name}. `python -m database status` muestra los que hay.",
        "en": "There is no document with the name or id {name}. `python -m database status` lists them.",
    },
    "ambiguous": {
        "pt": "Há {number} documentos com o nome {name}; use o id: {ids}",
        "es": "Hay {number} documentos con el nombre {name}; use el id: {ids}",
        "en": "There are {number} documents with the name {name}; use the id: {ids}",
    },
    "say_what_to_remove": {
        "pt": "Diga o nome ou o id do documento a remover, ou --all para todos.",
        "es": "Indique el nombre o el id del documento que quiere eliminar, o --all para todos.",
        "en": "Say the name or id of the document to remove, or --all for all of them.",
    },
    "progress_passages": {
        "pt": "{documents}/{all_documents} documentos · {pages}/{all_pages} trechos · {speed} trechos/s · faltam {left}",
        "es": "{documents}/{all_documents} documentos · {pages}/{all_pages} fragmentos · {speed} fragmentos/s · faltan {left}",
        "en": "{documents}/{all_documents} documents · {pages}/{all_pages} passages · {speed} passages/s · {left} left",
    },
    "exported": {
        "pt": "{documents} documentos, {chunks} trechos e {originals} arquivos originais em {file}: {megabytes} MB em {seconds} s.",
        "es": "{documents} documentos, {chunks} fragmentos y {originals} archivos originales en {file}: {megabytes} MB en {seconds} s.",
        "en": "{documents} documents, {chunks} passages and {originals} original files in {file}: {megabytes} MB in {seconds} s.",
    },
    "without_original": {
        "pt": "✗ {name}: o arquivo original falta no acervo ou está danificado; foi exportado sem ele",
        "es": "✗ {name}: el archivo original falta en el acervo o está dañado; se exportó sin él",
        "en": "✗ {name}: its original file is missing from the collection or damaged; exported without it",
    },
    "export_stopped": {
        "pt": "Interrompido. Nenhum arquivo foi escrito.",
        "es": "Interrumpido. No se escribió ningún archivo.",
        "en": "Stopped. No file was written.",
    },
    "imported": {
        "pt": "{imported} importados, {unchanged} sem mudança, {kept} mais novos no acervo: {chunks} trechos em {seconds} s.",
        "es": "{imported} importados, {unchanged} sin cambios, {kept} más nuevos en el acervo: {chunks} fragmentos en {seconds} s.",
        "en": "{imported} imported, {unchanged} unchanged, {kept} newer in the collection: {chunks} passages in {seconds} s.",
    },
    "kept_newer": {
        "pt": "= {name}: é mais novo no acervo e ficou como está",
        "es": "= {name}: es más nuevo en el acervo y queda como está",
        "en": "= {name}: is newer in the collection and stays as it is",
    },
    "nothing_found": {"pt": "Nada encontrado.", "es": "No se encontró nada.", "en": "Nothing found."},
    "page": {"pt": "página {page}", "es": "página {page}", "en": "page {page}"},
    "stopped": {
        "pt": "Interrompido. O que já foi carregado continua disponível; repita o comando para continuar.",
        "es": "Interrumpido. Lo ya cargado sigue disponible; repita el comando para continuar.",
        "en": "Stopped. What was loaded stays; run the command again to go on.",
    },
}

_REASONS: dict[Reason, dict[Language, str]] = {
    "encrypted": {
        "pt": "está protegido por senha; se for PDF, carregue-o com --password, senão salve uma cópia sem senha",
        "es": "está protegido con contraseña; si es PDF, cárguelo con --password; si no, guarde una copia sin contraseña",
        "en": "is protected by a password; load it with --password if it is a PDF, or else save a copy without one",
    },
    "broken": {
        "pt": "está danificado e não pode ser lido",
        "es": "está dañado y no se puede leer",
        "en": "is damaged and can't be read",
    },
    "empty": {"pt": "está vazio", "es": "está vacío", "en": "is empty"},
    "too_large": {
        "pt": "é grande demais; divida-o em partes",
        "es": "es demasiado grande; divídalo en partes",
        "en": "is too large; divide it into parts",
    },
    "too_slow": {
        "pt": "levou tempo demais para ser lido e foi deixado de lado",
        "es": "tardó demasiado en leerse y se dejó de lado",
        "en": "took too long to read and was left out",
    },
    "too_much_memory": {
        "pt": "precisa de memória demais para ser lido",
        "es": "necesita demasiada memoria para leerse",
        "en": "takes too much memory to read",
    },
    "no_text": {
        "pt": "não contém texto que se possa ler; se é digitalizado, instale o Tesseract e carregue-o de novo",
        "es": "no contiene texto que se pueda leer; si está escaneado, instale Tesseract y cárguelo de nuevo",
        "en": "holds no text that can be read; if it is scanned, install Tesseract and load it again",
    },
    "unsupported": {
        "pt": "não é de um tipo aceito (PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html)",
        "es": "no es de un tipo aceptado (PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html)",
        "en": "isn't of an accepted kind (PDF, .docx, .pptx, .xlsx, .epub, .csv, .md, .txt, .html)",
    },
    "missing": {"pt": "não existe", "es": "no existe", "en": "doesn't exist"},
    "unreachable": {
        "pt": "não pôde ser baixado; verifique o endereço e a conexão",
        "es": "no se pudo descargar; compruebe la dirección y la conexión",
        "en": "couldn't be fetched; check the address and the connection",
    },
    "refused": {
        "pt": "não permite ser lido (falta permissão)",
        "es": "no permite su lectura (falta permiso)",
        "en": "may not be read (permission is missing)",
    },
}


@dataclass(frozen=True, slots=True)
class Messages:
    """The sentences in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return _SENTENCES[key][self.language].format(**values)

    def error(self, error: DatabaseError) -> str:
        """What is wrong and what to do, with what a library said of it."""
        if not isinstance(error, ProblemError):
            return str(error)
        return f"{error.text(self.language)} ({error.detail})" if error.detail else error.text(self.language)

    def reason(self, reason: Reason) -> str:
        """Why a source failed, to be read after its name."""
        return _REASONS[reason][self.language]


def terminal_language() -> Language:
    """By the locale's environment variables; English where they name no language of ours."""
    locale = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    return _BY_PREFIX.get(locale[:2].lower(), "en")


_BY_PREFIX: dict[str, Language] = {"pt": "pt", "es": "es", "en": "en"}
