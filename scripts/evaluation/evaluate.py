"""One dataset, through Acervo and through the peers: loaded, asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from database.collection import Collection
from scripts.evaluation.ablations import without
from scripts.evaluation.answering import Reply, answer_all
from scripts.evaluation.cuts import Cutting
from scripts.evaluation.dataset import Dataset
from scripts.evaluation.passages import read_pages
from scripts.evaluation.peers import Peer
from scripts.evaluation.pipelines import Acervo, Answer, Pipeline, ask
from scripts.evaluation.progress import Progress
from scripts.evaluation.reading import read
from scripts.evaluation.recut import recut
from scripts.evaluation.remembering_embedder import RememberingEmbedder
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
    """What one dataset gave: Acervo first, then the others. `unread` are documents that the peers, or some
    cut, don't read, `replies` what Acervo answers by quotations, where that was asked for.
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
    cuttings: Sequence[Cutting] = (),
    *,
    answers: bool = False,
    processes: int,
    progress: Progress,
) -> Outcome:
    """`parts` are those of PARTS without which Acervo is asked once more; for each of `cuttings`, the
    documents are cut once more; with `answers` each question is also answered.

    Raises SettingError, EmbedderUnavailable, StoreUnavailable, SourceError.
    """
    unread: Sequence[str] = ()
    rebuilt: Sequence[Pipeline] = ()
    async with scratch_collection(dataset.documents, processes=processes) as (collection, loaded):
        if peers:
            pages = await read_pages(dataset.documents, progress)
            unread = pages.unread
            rebuilt = await build(peers, pages, await collection.retriever.embedder(), progress)
        outcome = await _ask(
            dataset, collection, parts, rebuilt, str(loaded), unread, progress, answers=answers
        )
        if not cuttings:
            return outcome
        of_cuts, uncut = await _cut_again(cuttings, collection, dataset, processes, progress)
        return replace(
            outcome,
            pipelines=[*outcome.pipelines, *of_cuts],
            unread=list(dict.fromkeys([*outcome.unread, *uncut])),
        )


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
    await collection.store.warm()  # as the server does
    await collection.retriever.prepare()
    pipelines: list[Pipeline] = [Acervo(retriever=collection.retriever)]
    pipelines += [without(part, collection.retriever) for part in parts]
    pipelines += rebuilt
    asked = [await _asked(one, dataset, progress) for one in pipelines]
    return Outcome(
        dataset=dataset,
        embedder=(await collection.retriever.embedder()).name,
        loaded=loaded,
        pipelines=asked,
        unread=unread,
        replies=await answer_all(collection, dataset.questions, progress) if answers else [],
    )


async def _cut_again(
    cuttings: Sequence[Cutting],
    collection: Collection,
    dataset: Dataset,
    processes: int,
    progress: Progress,
) -> tuple[list[Asked], list[str]]:
    """One after the other; and the documents that not all of them can cut."""
    laid_out = any(cutting.laid_out for cutting in cuttings)
    readings = await read(collection, laid_out=laid_out, processes=processes, progress=progress)
    embedder = RememberingEmbedder(await collection.retriever.embedder())
    asked: list[Asked] = []
    unread: list[str] = []
    for cutting in cuttings:
        async with recut(cutting, readings, collection.retriever, embedder, progress) as again:
            asked.append(await _asked(again.pipeline, dataset, progress))
            unread += again.unread
    return asked, unread


async def _asked(pipeline: Pipeline, dataset: Dataset, progress: Progress) -> Asked:
    return Asked(
        name=pipeline.name,
        says=pipeline.says,
        k=pipeline.k,
        answers=await ask(pipeline, dataset.questions, progress),
    )
