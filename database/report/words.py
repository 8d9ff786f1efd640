"""What the report says, in Portuguese, Spanish and English, and how each writes numbers."""

from __future__ import annotations

from dataclasses import dataclass

from database.problems import Language

SENTENCES: dict[str, dict[Language, str]] = {
    "title": {"pt": "Saúde do acervo", "es": "Salud del acervo", "en": "Health of the collection"},
    "made": {
        "pt": "Feito em {time} (UTC) · {place} · vetores de {model}",
        "es": "Hecho el {time} (UTC) · {place} · vectores de {model}",
        "en": "Made on {time} (UTC) · {place} · vectors of {model}",
    },
    "empty": {
        "pt": "Ainda não há documentos. `scripts/seed` os carrega.",
        "es": "Todavía no hay documentos. `scripts/seed` los carga.",
        "en": "There are no documents yet. `scripts/seed` loads them.",
    },
    "glance": {"pt": "De relance", "es": "De un vistazo", "en": "At a glance"},
    "documents": {"pt": "Documentos", "es": "Documentos", "en": "Documents"},
    "pages": {"pt": "Páginas", "es": "Páginas", "en": "Pages"},
    "passages": {"pt": "Trechos", "es": "Fragmentos", "en": "Passages"},
    "characters": {"pt": "Caracteres", "es": "Caracteres", "en": "Characters"},
    "tables": {"pt": "Tabelas", "es": "Tablas", "en": "Tables"},
    "recognised": {
        "pt": "Páginas lidas por OCR",
        "es": "Páginas leídas por OCR",
        "en": "Pages read by OCR",
    },
    "time": {"pt": "Tempo de conversão", "es": "Tiempo de conversión", "en": "Time of converting"},
    "status_queued": {"pt": "na fila", "es": "en cola", "en": "queued"},
    "status_converting": {"pt": "sendo lidos", "es": "leyéndose", "en": "being read"},
    "status_embedding": {"pt": "recebendo vetores", "es": "recibiendo vectores", "en": "being embedded"},
    "status_ready": {"pt": "prontos", "es": "listos", "en": "ready"},
    "status_failed": {"pt": "com falha", "es": "con error", "en": "failed"},
    "failed_for": {"pt": "Falharam porque", "es": "Fallaron porque", "en": "Failed because"},
    "far": {"pt": "Até onde chegou", "es": "Hasta dónde llegó", "en": "How far it is"},
    "stage_text": {
        "pt": "Encontrados por palavras (documentos)",
        "es": "Se encuentran por palabras (documentos)",
        "en": "Found by words (documents)",
    },
    "stage_vectors": {
        "pt": "Encontrados por significado, com vetores (trechos)",
        "es": "Se encuentran por significado, con vectores (fragmentos)",
        "en": "Found by meaning, with vectors (passages)",
    },
    "stage_layout": {
        "pt": "Com tabelas e títulos (páginas)",
        "es": "Con tablas y títulos (páginas)",
        "en": "With tables and headings (pages)",
    },
    "stages": {
        "pt": "texto {text} · vetores {vectors} · layout {layout}",
        "es": "texto {text} · vectores {vectors} · diseño {layout}",
        "en": "text {text} · vectors {vectors} · layout {layout}",
    },
    "conditions": {"pt": "Estado das páginas", "es": "Estado de las páginas", "en": "Condition of the pages"},
    "condition_good": {"pt": "boa", "es": "buena", "en": "good"},
    "condition_blank": {"pt": "em branco", "es": "en blanco", "en": "blank"},
    "condition_no_text": {"pt": "sem texto", "es": "sin texto", "en": "no text"},
    "condition_garbled": {"pt": "letras trocadas", "es": "texto revuelto", "en": "garbled"},
    "condition_unreadable": {"pt": "não pôde ser lida", "es": "no se pudo leer", "en": "unreadable"},
    "routes": {
        "pt": "Como tabelas e títulos são feitos",
        "es": "Cómo se hacen tablas y títulos",
        "en": "How tables and headings are made",
    },
    "route_plain": {
        "pt": "só do texto (plain)",
        "es": "solo del texto (plain)",
        "en": "from the text alone (plain)",
    },
    "route_layout": {
        "pt": "com o modelo de layout (layout)",
        "es": "con el modelo de diseño (layout)",
        "en": "with the layout model (layout)",
    },
    "route_none": {"pt": "vieram com o texto", "es": "vinieron con el texto", "en": "came with the text"},
    "route_value": {
        "pt": "{pages} páginas · {percent} · {seconds} por página",
        "es": "{pages} páginas · {percent} · {seconds} por página",
        "en": "{pages} pages · {percent} · {seconds} a page",
    },
    "columns": {"pt": "Caracteres por página", "es": "Caracteres por página", "en": "Characters a page"},
    "columns_say": {
        "pt": "Quantas páginas têm quantos caracteres, dos documentos que têm páginas. Páginas com menos de 100 caracteres costumam ser capas, figuras ou digitalizações.",
        "es": "Cuántas páginas tienen cuántos caracteres, de los documentos que tienen páginas. Las que tienen menos de 100 suelen ser portadas, figuras o escaneos.",
        "en": "How many pages have how many characters, of the documents that have pages. Those with fewer than 100 tend to be covers, figures or scans.",
    },
    "column": {
        "pt": "{pages} páginas de {first} a {last} caracteres",
        "es": "{pages} páginas de {first} a {last} caracteres",
        "en": "{pages} pages of {first} to {last} characters",
    },
    "column_last": {
        "pt": "{pages} páginas de {first} caracteres ou mais",
        "es": "{pages} páginas de {first} caracteres o más",
        "en": "{pages} pages of {first} characters or more",
    },
    "slowest": {"pt": "Onde o tempo ficou", "es": "Dónde se fue el tiempo", "en": "Where the time went"},
    "slowest_say": {
        "pt": "Os documentos que mais tempo levaram; os segundos são os dos processos que converteram as páginas.",
        "es": "Los documentos que más tardaron; los segundos son los de los procesos que convirtieron las páginas.",
        "en": "The documents that took longest; the seconds are those of the processes that converted the pages.",
    },
    "slowest_value": {
        "pt": "{seconds} · {pages} páginas",
        "es": "{seconds} · {pages} páginas",
        "en": "{seconds} · {pages} pages",
    },
    "advice": {"pt": "O que fazer", "es": "Qué hacer", "en": "What to do"},
    "advice_no_text": {
        "pt": "Páginas sem texto: {pages}. São imagens, em geral digitalizações. Instale o Tesseract (`sudo apt install tesseract-ocr tesseract-ocr-por tesseract-ocr-spa`) e carregue os documentos de novo.",
        "es": "Páginas sin texto: {pages}. Son imágenes, en general escaneos. Instale Tesseract (`sudo apt install tesseract-ocr tesseract-ocr-por tesseract-ocr-spa`) y cargue los documentos de nuevo.",
        "en": "Pages with no text: {pages}. They are pictures, as a rule scans. Install Tesseract (`sudo apt install tesseract-ocr tesseract-ocr-por tesseract-ocr-spa`), and load the documents again.",
    },
    "advice_garbled": {
        "pt": "Páginas com letras trocadas: {pages}. A fonte do PDF não diz que letras são. Com o Tesseract instalado, são lidas da imagem; ou peça o documento a quem o fez.",
        "es": "Páginas con texto revuelto: {pages}. La fuente del PDF no dice qué letras son. Con Tesseract instalado se leen de la imagen; o pida el documento a quien lo hizo.",
        "en": "Garbled pages: {pages}. The PDF's font doesn't say which letters they are. With Tesseract installed they are read from the picture; or ask for the document where it was made.",
    },
    "advice_unreadable": {
        "pt": "Páginas que não puderam ser lidas: {pages}. Estão danificadas ou demoram demais. Abra o documento num leitor de PDF, salve-o (imprimir como PDF) e carregue a cópia.",
        "es": "Páginas que no se pudieron leer: {pages}. Están dañadas o tardan demasiado. Abra el documento en un lector de PDF, guárdelo (imprimir como PDF) y cargue la copia.",
        "en": "Pages that couldn't be read: {pages}. They are damaged or take too long. Open the document in a PDF reader, save it (print as PDF), and load the copy.",
    },
    "advice_failed": {
        "pt": "Documentos com falha: {documents}. A frase junto de cada um diz o motivo e o remédio. Depois, carregue-os de novo com `scripts/seed`.",
        "es": "Documentos con error: {documents}. La frase junto a cada uno dice el motivo y el remedio. Después, cárguelos de nuevo con `scripts/seed`.",
        "en": "Failed documents: {documents}. The sentence beside each says why, and what helps. Then load them again with `scripts/seed`.",
    },
    "advice_unfinished": {
        "pt": "Documentos que ainda não têm tudo: {documents}. Já são encontrados por palavras. `scripts/seed`, ou o servidor enquanto funciona, termina o resto.",
        "es": "Documentos que aún no lo tienen todo: {documents}. Ya se encuentran por palabras. `scripts/seed`, o el servidor mientras funciona, termina el resto.",
        "en": "Documents that aren't finished: {documents}. They are found by words already. `scripts/seed`, or the server while it runs, does the rest.",
    },
    "advice_recognised": {
        "pt": "Páginas lidas por OCR: {pages}. Letras podem estar erradas. A página marcada mostra o que está escrito.",
        "es": "Páginas leídas por OCR: {pages}. Puede haber letras erróneas. La página marcada muestra lo que está escrito.",
        "en": "Pages read by OCR: {pages}. Letters may be wrong. The marked page shows what is written.",
    },
    "advice_nothing": {
        "pt": "Nada: todas as páginas têm texto legível ou estão em branco.",
        "es": "Nada: todas las páginas tienen texto legible o están en blanco.",
        "en": "Nothing: every page has text that can be read, or is blank.",
    },
    "each": {"pt": "Documento por documento", "es": "Documento por documento", "en": "Document by document"},
    "each_say": {
        "pt": "Um quadrado por página, na ordem; com o ponteiro sobre ele, vê-se o número. Os que precisam de alguém vêm primeiro.",
        "es": "Un cuadro por página, en orden; con el puntero encima se ve el número. Los que necesitan a alguien van primero.",
        "en": "A square a page, in order; the pointer on it shows its number. Those that need somebody come first.",
    },
    "mark_tables": {"pt": "tem tabela", "es": "tiene tabla", "en": "has a table"},
    "mark_recognised": {"pt": "lida por OCR", "es": "leída por OCR", "en": "read by OCR"},
    "cell": {
        "pt": "p. {page} · {condition} · {characters} caracteres · {seconds}",
        "es": "p. {page} · {condition} · {characters} caracteres · {seconds}",
        "en": "p. {page} · {condition} · {characters} characters · {seconds}",
    },
    "cell_tables": {"pt": "tabelas: {tables}", "es": "tablas: {tables}", "en": "tables: {tables}"},
    "several_a_cell": {
        "pt": "Cada quadrado são {pages} páginas, na pior cor delas.",
        "es": "Cada cuadro son {pages} páginas, con el peor color de ellas.",
        "en": "Each square is {pages} pages, in the worst colour of them.",
    },
    "facts": {
        "pt": "{pages} páginas · {passages} trechos · {characters} caracteres · {seconds}",
        "es": "{pages} páginas · {passages} fragmentos · {characters} caracteres · {seconds}",
        "en": "{pages} pages · {passages} passages · {characters} characters · {seconds}",
    },
    "trouble": {
        "pt": "p. {pages}: {condition}",
        "es": "p. {pages}: {condition}",
        "en": "p. {pages}: {condition}",
    },
    "failed_but": {
        "pt": "{reason}; a versão anterior continua sendo encontrada",
        "es": "{reason}; la versión anterior se sigue encontrando",
        "en": "{reason}; the version before is still found",
    },
    "more_places": {"pt": "e mais {number}", "es": "y {number} más", "en": "and {number} more"},
    "rest": {"pt": "Os outros documentos", "es": "Los demás documentos", "en": "The other documents"},
    "rest_say": {
        "pt": "Para a página não ficar grande demais, estes {number} estão em resumo. `python -m database report NOME` mostra um documento por inteiro.",
        "es": "Para que la página no crezca demasiado, estos {number} van en resumen. `python -m database report NOMBRE` muestra un documento entero.",
        "en": "To keep this page small, these {number} are told in brief. `python -m database report NAME` shows a document in full.",
    },
    "left_out": {
        "pt": "Outros {number} documentos, sem problemas maiores que os mostrados, não estão listados; os totais acima os contam.",
        "es": "Otros {number} documentos, sin problemas mayores que los mostrados, no están en la lista; los totales de arriba los cuentan.",
        "en": "{number} more documents, in no greater trouble than those shown, aren't listed; the totals above count them.",
    },
    "document": {"pt": "Documento", "es": "Documento", "en": "Document"},
    "state": {"pt": "Estado", "es": "Estado", "en": "State"},
    "summary": {
        "pt": "{documents} documentos ({statuses}), {pages} páginas, {passages} trechos · {stages}",
        "es": "{documents} documentos ({statuses}), {pages} páginas, {passages} fragmentos · {stages}",
        "en": "{documents} documents ({statuses}), {pages} pages, {passages} passages · {stages}",
    },
    "more_troubles": {
        "pt": "… e mais {number} documentos com problemas, na página",
        "es": "… y {number} documentos más con problemas, en la página",
        "en": "… and {number} more documents with problems, on the page",
    },
    "lies": {
        "pt": "O relatório está em {file}",
        "es": "El informe está en {file}",
        "en": "The report lies in {file}",
    },
}

_MINUTE = 60.0
_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences and the numbers in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return SENTENCES[key][self.language].format(**values)

    def number(self, value: float, decimals: int = 0) -> str:
        written = f"{value:,.{decimals}f}"
        if self.language == "en":
            return written
        return written.translate(str.maketrans(",.", ".,"))

    def duration(self, seconds: float) -> str:
        """In the two units that matter."""
        if seconds < 10:
            return f"{self.number(seconds, 2 if seconds < 1 else 1)} s"
        if seconds < _MINUTE - 0.5:
            return f"{seconds:.0f} s"
        if seconds < _HOUR - 0.5:
            minutes, rest = divmod(round(seconds), 60)
            return f"{minutes} min {rest:02d} s"
        hours, rest = divmod(round(seconds / _MINUTE), 60)
        return f"{self.number(hours)} h {rest:02d} min"

    def percent(self, value: int | None) -> str:
        return "–" if value is None else f"{value}%"

    def share(self, part: float, whole: float) -> str:
        """With a decimal where it is small: 12 pages of 10,000 are not none."""
        percent = 100 * part / whole if whole else 0.0
        if 0 < percent < 0.1:
            return f"<{self.number(0.1, 1)}%"
        return f"{self.number(percent, 1 if 0 < percent < 10 else 0)}%"
