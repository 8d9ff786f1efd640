"""Recognises an answer that says, in a model's own words, that it doesn't know.

Models are given a sentence for that, and many write another one, in another language. Its beginning is held
back as long as it may be such a sentence: most answers are known not to be one after a word or two. One that
says so and cites nothing is a refusal; one that goes on and cites a source has found something after all.
"""

from __future__ import annotations

import re

from database.terms import fold, words

_LONGEST = 600  # characters that are held back

# What the sentences begin with, and what follows an article there, folded.
_BEGINNINGS = """
nao os as o com desculpe lamento infelizmente sinto nenhuma nenhum nos no los las lo en ninguna ninguno
lamentablemente desafortunadamente i im sorry unfortunately the based there cannot none
"""
_ARTICLES = "o os as los las the"
_SOURCES_BEGIN = """
trecho trechos documento documentos passagens texto textos contexto fragmentos pasajes provided given
available passage passages document documents text texts context excerpts information
"""
# What else they are made of: a word that isn't among these ends the waiting.
_MADE_OF = """
nao ha existe existem encontrei encontrou encontrada encontradas foi foram consta constam tenho possuo
contem contenha mencionam menciona informam informa fornecem fornece fornecidos fornecidas especificam
especifica e possivel posso consigo sei responder resposta respondem a o os as da das do dos de na nas no
nos em com base que sobre esta essa este esse desculpe lamento infelizmente sinto muito trecho trechos
documento documentos passagem passagens texto textos contexto informacao informacoes suficiente
suficientes dados para pergunta mencao disponivel disponiveis nenhuma nenhum qualquer apresentados
apresentadas dado dada se isso mas porem lo siento lamentablemente desafortunadamente los las el la en del
hay tengo encuentro encuentra puedo puede fragmento fragmentos pasaje pasajes contienen contiene mencionan
dicen dice proporcionan proporcionados proporcionada informacion respuesta pregunta con ninguna ninguno
mencion es posible saber pero i im m don t dont does not doesn doesnt can cannot cant couldn could couldnt
find found sorry s but however unfortunately the an any of to there is are have has enough sufficient
information passage passages document documents text texts context excerpt excerpts provided given
available based on contain contains mention mentions provide provides include includes specify specifies
say says state states answer this that question about from it unable am know which for by was were none in
"""
_FIRST, _AFTER_ARTICLE = frozenset(_BEGINNINGS.split()), frozenset(_SOURCES_BEGIN.split())
_ARTICLE, _VOCABULARY = frozenset(_ARTICLES.split()), frozenset(_MADE_OF.split())

_SOURCES = r"(?:trechos?|documentos?|passagens?|textos?|contextos?|fragmentos?|pasajes?)"
_SAY = (
    r"(?:contem|contenha\w*|mencion\w+|inform\w+|fornece\w*|especific\w+|respond\w+"
    r"|diz\w*|traz\w*|inclu\w+)"
)
_SAYS_ES = r"(?:contien\w+|mencion\w+|dice\w*|proporcion\w+|especific\w+|respond\w+|inclu\w+)"
_KNOWN = r"(?:informac\w+|resposta|respuesta|menc\w+|dados|nada)"
_CORE = re.compile(
    rf"\bnao (?:tenho|possuo|ha|existe\w*|encontrei|encontrou|foi encontrad\w+|foram encontrad\w+|consta\w*)"
    rf" (?:\w+ ){{0,2}}{_KNOWN}"
    rf"|\b{_SOURCES} (?:\w+ ){{0,3}}nao {_SAY}"
    r"|\bnao (?:e possivel|posso|consigo|sei) (?:responder|encontrar|determinar|informar|dizer)"
    rf"|\bno (?:tengo|hay|existe\w*|encuentro|se encuentra\w*|encontre) (?:\w+ ){{0,2}}{_KNOWN}"
    rf"|\b{_SOURCES} (?:\w+ ){{0,3}}no {_SAYS_ES}"
    r"|\bno (?:es posible|puedo|se puede) (?:responder|encontrar|determinar)"
    r"|\b(?:do|does|did) ?n[o']?t (?:have|contain|mention|provide|include|specify|say|state|give|know|answer)"
    r"|\b(?:cannot|can ?not|can'?t|could ?n'?o?t|unable to) (?:find|answer|determine|provide)"
    r"|\bthere (?:is|are) no (?:\w+ ){0,2}(?:information|mention|answer)"
    r"|\bno (?:\w+ )?(?:information|mention) (?:is|was|about|on|in|of)\b"
)
_MARKER = re.compile(r"\[\d{1,3}\]")
_WHOLE_WORDS = re.compile(r"\W")


class Opening:
    """Takes an answer's pieces and gives back what may be shown of it."""

    def __init__(self) -> None:
        self.refuses = False
        self._held: str | None = ""  # None: it isn't a refusal

    def take(self, piece: str) -> str:
        """Nothing while it isn't known yet; `refuses` says so where it is one."""
        if self._held is None:
            return piece
        self._held += piece
        if self._goes_on():
            return ""
        return self._released()

    def finish(self) -> str:
        """What was held back, where the answer has ended and is none."""
        if self._held is None:
            return ""
        if _says_it_knows_nothing(self._held) and not _MARKER.search(self._held):
            self.refuses = True
            return ""
        return self._released()

    def _goes_on(self) -> bool:
        text = self._held or ""
        if _MARKER.search(text):
            return False
        if _says_it_knows_nothing(text):
            self.refuses = len(text) > _LONGEST
            return True
        last = max((match.end() for match in _WHOLE_WORDS.finditer(text)), default=0)
        said = words(text[:last])
        if said and said[0] not in _FIRST:
            return False
        if len(said) > 1 and said[0] in _ARTICLE and said[1] not in _AFTER_ARTICLE:
            return False
        return all(word in _VOCABULARY for word in said) and len(text) <= _LONGEST

    def _released(self) -> str:
        text, self._held = self._held or "", None
        return text


def _says_it_knows_nothing(text: str) -> bool:
    return bool(_CORE.search(" ".join(fold(text).replace("’", "'").split())))
