"""An embedder on every GPU of a Ray cluster; where it has none, on every machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from database.embedders.apart import Load
from database.embedders.base import PassageEmbedder, TokenCounts
from database.embedders.opening import open_local
from database.engines.cluster import Cluster
from database.engines.crew import Crew
from database.engines.machine import Machine, this_machine
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors

_TRIES = 2  # of a batch whose actor died
_BATCHES_EACH = 2  # one that is embedded, and one that waits there, so that a GPU never waits for the network


class RayEmbedder:
    """What `load(model)` gives, in an actor on each GPU or machine. A batch goes to one of them, whole.

    The actors begin when they are needed; `async with` ends them.
    """

    def __init__(self, cluster: Cluster, model: str, *, load: Load = open_local) -> None:
        self._cluster = cluster
        self._size = cluster.gpus or len(cluster.nodes)
        self._model = model
        self._load = load
        self._crew = self._new_crew()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._crew.end()

    @property
    def name(self) -> str:
        return self._model

    @property
    def batches_at_once(self) -> int:
        """So many calls at a time keep all of them busy."""
        return _BATCHES_EACH * self._size

    def warm(self) -> None:
        """Begin to load the model, on one of them; others begin when there is more than one can embed."""
        self._crew.begin(1)

    async def rest(self) -> None:
        """Give the memory back until it is asked again."""
        crew, self._crew = self._crew, self._new_crew()
        await crew.end()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Raises EmbedderUnavailable, EngineUnavailable."""
        batch = list(texts)
        vectors: Vectors = await self._ask(lambda actor: actor.embed.remote(batch))
        return vectors

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        """Raises EmbedderUnavailable, EngineUnavailable."""
        given = list(texts)
        counts: TokenCounts | None = await self._ask(lambda actor: actor.count_tokens.remote(given))
        return counts

    async def _ask(self, call: Callable[[Any], Any]) -> Any:
        for attempt in range(_TRIES):
            crew = self._crew
            member = await crew.take()
            try:
                answer = await call(member.actor)
            except RayTaskError as error:
                crew.give_back(member)
                raise error.cause from None
            except RayError as error:
                crew.replace(member)
                if attempt == _TRIES - 1:
                    raise EmbedderUnavailable(
                        "embedder_died", detail=f"{member.machine.name}: {error}"
                    ) from None
            except BaseException:
                crew.give_back(member)
                raise
            else:
                crew.give_back(member)
                return answer
        raise AssertionError("the last attempt returns or raises")

    def _new_crew(self) -> Crew:
        actor: Any = ray.remote(EmbeddingActor)
        gpus, nodes = self._cluster.gpus, self._cluster.nodes

        def hire(number: int) -> Any:
            if gpus:
                options: dict[str, Any] = {"num_cpus": 0, "num_gpus": 1, "scheduling_strategy": "SPREAD"}
            else:
                # It shares the cores with what converts, as on one machine.
                place = NodeAffinitySchedulingStrategy(nodes[number], soft=True)
                options = {"num_cpus": 0, "scheduling_strategy": place}
            return actor.options(**options).remote(self._load, self._model)

        return Crew(hire, size=self._size, seats=_BATCHES_EACH)


class EmbeddingActor:
    """Ray calls its methods, one at a time."""

    def __init__(self, load: Load, model: str) -> None:
        """What can't be loaded is told to whoever asks first."""
        os.environ.pop("OMP_NUM_THREADS", None)  # Ray's idea is one thread; PyTorch's own is one a core
        self._loaded: PassageEmbedder | EmbedderUnavailable
        try:
            self._loaded = load(model)
        except EmbedderUnavailable as error:
            where = f"{this_machine().name}: {error.detail}"
            self._loaded = EmbedderUnavailable(error.problem, detail=where, **error.values)
        self._runner = asyncio.Runner()  # one event loop for all calls

    def machine(self) -> Machine:
        return this_machine()

    def embed(self, texts: list[str]) -> Vectors:
        return self._runner.run(self._embedder().embed_documents(texts))

    def count_tokens(self, texts: list[str]) -> TokenCounts | None:
        return self._runner.run(self._embedder().count_tokens(texts))

    def _embedder(self) -> PassageEmbedder:
        if isinstance(self._loaded, EmbedderUnavailable):
            raise self._loaded
        return self._loaded
