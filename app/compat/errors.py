"""Why a client of another protocol gets no answer: told in that protocol's form."""

from __future__ import annotations

from app.errors import BadRequest, ModelError, ModelUnavailable, RequestError
from app.messages import sentence


class ModelFailed(ModelUnavailable):
    """The one that was to answer, alone."""

    def __init__(self, error: ModelError) -> None:
        RequestError.__init__(self, error.told)


class RefusedByModel(BadRequest):
    """What a client of Ollama's or OpenAI's protocol asked of a model as it is, and the model can't do."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(sentence("model_said", name=name, said=said))
