"""One dataset, through Acervo and through the peers: loaded, asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    async with scratch_collection(dataset.documents, processes=processes) as (collection, loaded):
        await collection.retriever.prepare()
        pipelines: list[Pipeline] = [Acervo(retriever=collection.retriever)]
        pipelines += [without(part, collection.retriever) for part in parts]
        if peers:
            pages = await read_pages(dataset.documents, progress)
            unread = pages.unread
            pipelines += await build(peers, pages, await collection.retriever.embedder(), progress)
        asked = [
            Asked(name=one.name, says=one.says, k=one.k, answers=await ask(one, dataset.questions, progress))
            for one in pipelines
        ]
        replies = await answer_all(collection, dataset.questions, progress) if answers else []
        return Outcome(
            dataset=dataset,
            embedder=(await collection.retriever.embedder()).name,
            loaded=str(loaded),
            pipelines=asked,
            unread=unread,
            replies=replies,
        )
