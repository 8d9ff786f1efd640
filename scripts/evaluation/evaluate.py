"""One dataset, through Acervo and through the peers: loaded, asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from database.collection import Collection
from scripts.evaluation.ablations import without
from scripts.evaluation.answering import Reply, answer_all
from scripts.evaluation.dataset import Dataset
from scripts.evaluation.passages import read_pages
from scripts.evaluation.peers import Peer
from scripts.evaluation.pipelines import Acervo, Answer, Pipeline, ask
from scripts.evaluation.progress import Progress
from scripts.evaluation.scratch import scratch_collection
from scripts.evaluation.searching import build


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One pipeline's answers to all questions, in their order."""

    name: str
    says: str
    k: int
    answers: Sequence[Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one dataset gave: Acervo first, then the peers. `unread` are documents that no peer reads,
    `replies` what Acervo answers by quotations, where that was asked for.
    """

    dataset: Dataset
    embedder: str
    loaded: str
    pipelines: Sequence[Asked]
    unread: Sequence[str]
    replies: Sequence[Reply] = ()


async def evaluate(
    dataset: Dataset,
    peers: Sequence[Peer],
    parts: Sequence[str] = (),
    *,
    answers: bool = False,
    processes: int,
    progress: Progress,
) -> Outcome:
    """`parts` are those of PARTS without which Acervo is asked once more; with `answers` each question is
    also answered.

    Raises SettingError, EmbedderUnavailable, StoreUnavailable.
    """
    unread: Sequence[str] = ()
    rebuilt: Sequence[Pipeline] = ()
    async with scratch_collection(dataset.documents, processes=processes) as (collection, loaded):
        if peers:
            pages = await read_pages(dataset.documents, progress)
            unread = pages.unread
            rebuilt = await build(peers, pages, await collection.retriever.embedder(), progress)
        return await _ask(dataset, collection, parts, rebuilt, str(loaded), unread, progress, answers=answers)


async def evaluate_as_it_is(
    dataset: Dataset, collection: Collection, parts: Sequence[str], progress: Progress
) -> Outcome:
    """The questions asked of a collection that is there, and is left as it is.

    Raises EmbedderUnavailable, StoreUnavailable.
    """
    count = await collection.store.count()
    loaded = f"{count.documents} documents, as they are in the collection"
    return await _ask(dataset, collection, parts, (), loaded, (), progress)


async def _ask(
    dataset: Dataset,
    collection: Collection,
    parts: Sequence[str],
    rebuilt: Sequence[Pipeline],
    loaded: str,
    unread: Sequence[str],
    progress: Progress,
    *,
    answers: bool = False,
) -> Outcome:
    await collection.retriever.prepare()
    pipelines: list[Pipeline] = [Acervo(retriever=collection.retriever)]
    pipelines += [without(part, collection.retriever) for part in parts]
    pipelines += rebuilt
    asked = [
        Asked(name=one.name, says=one.says, k=one.k, answers=await ask(one, dataset.questions, progress))
        for one in pipelines
    ]
    return Outcome(
        dataset=dataset,
        embedder=(await collection.retriever.embedder()).name,
        loaded=loaded,
        pipelines=asked,
        unread=unread,
        replies=await answer_all(collection, dataset.questions, progress) if answers else [],
    )
