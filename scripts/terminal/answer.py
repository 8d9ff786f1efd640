"""What has come of an answer so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.terminal.server import Line

Source = Mapping[str, Any]

# What the first and the last lines tell for programs, by the names that they have there.
_TOLD = ("language", "sources", "context")
_TOLD_LAST = (
    "done_reason",
    "citations",
    "uncited",
    "total_duration",
    "prompt_eval_count",
    "eval_count",
    "error",
    "code",
)


@dataclass(kw_only=True)
class Answer:
    """`question` is the one that is answered, without what was said before."""

    question: str
    id: str = ""
    model: str = ""
    text: str = ""
    first: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """The next line."""
        fields = line.fields
        self.id = str(fields.get("id") or self.id)
        self.model = str(fields.get("model") or self.model)
        self.question = str(fields.get("question") or self.question)
        if "reset" in fields:
            self.text = ""
        if "sources" in fields:
            self.first = fields
        self.text += line.text
        if line.is_last:
            self.last = fields

    @property
    def reason(self) -> str:
        """`done_reason`; "" where it hasn't ended, or ended in an error."""
        return str(self.last.get("done_reason", ""))

    @property
    def sources(self) -> Sequence[Source]:
        """Everything that the model could read."""
        sources: Sequence[Source] = self.first.get("sources", ())
        return sources

    @property
    def cited(self) -> Sequence[Source]:
        """The sources that the answer cites."""
        numbers = {one.get("n") for one in self.last.get("citations", ())}
        return [source for source in self.sources if source.get("n") in numbers]

    @property
    def missing(self) -> Sequence[str]:
        """Numbers and names of the answer that none of the pages cited for them holds."""
        named = (
            str(one) for citation in self.last.get("citations", ()) for one in citation.get("missing", ())
        )
        return list(dict.fromkeys(named))

    def told(self) -> dict[str, object]:
        """All of it, for programs."""
        return {
            "question": self.question,
            "model": self.model,
            "answer": self.text,
            **{name: self.first[name] for name in _TOLD if name in self.first},
            **{name: self.last[name] for name in _TOLD_LAST if name in self.last},
        }
