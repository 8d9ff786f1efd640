"""What can end a command early.

Stopped          somebody pressed Ctrl-C or sent a signal; nothing to say about it
CommandError     a sentence for the person: what happened, to what, and what to do
└── ToolError    a tool that was run failed; its log tells more
"""

from __future__ import annotations

from pathlib import Path

from scripts.start.messages import Sentence


class Stopped(Exception):
    """The command was asked to stop by this signal."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


class CommandError(Exception):
    """The command can't go on; `sentence` with `values` filled in says why, in the person's language."""

    def __init__(self, sentence: Sentence, **values: object) -> None:
        super().__init__(sentence.en.format(**values))
        self.sentence = sentence
        self.values = values


class ToolError(CommandError):
    """A tool failed after writing to `log`."""

    def __init__(self, log: Path, sentence: Sentence, **values: object) -> None:
        super().__init__(sentence, log=log, **values)
        self.log = log
