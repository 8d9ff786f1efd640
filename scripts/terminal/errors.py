"""CommandError, with the code that programs read.

CommandError
└── Unanswered      there is no answer; `code` is the server's, or one of ours where it said nothing
"""

from __future__ import annotations

from scripts.start.errors import CommandError
from scripts.start.messages import Sentence


class Unanswered(CommandError):
    """Ours are `server_unreachable`, `not_acervo`, `connection_lost`, `unknown_document` and `stopped`."""

    def __init__(self, code: str, sentence: Sentence, **values: object) -> None:
        super().__init__(sentence, **values)
        self.code = code
