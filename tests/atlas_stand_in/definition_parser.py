"""Reads the definitions of indexes as users write them, as strictly as mongot does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.atlas_stand_in import analyzers
from tests.atlas_stand_in.definitions import (
    DEFAULT_ANALYZER,
    SCALARS,
    VECTOR_SEARCH,
    CustomAnalyzer,
    Definition,
    DocumentType,
    FieldTypes,
    SearchDefinition,
    StringType,
    TokenType,
    VectorDefinition,
    VectorField,
)
from tests.atlas_stand_in.errors import COMMAND_FAILED, CommandFailed, unsupported
from tests.atlas_stand_in.parsing import Fields, as_document

LARGEST_DIMENSIONS = 8192
SIMILARITIES = ("cosine", "dotProduct", "euclidean")
QUANTIZATIONS = ("none", "scalar", "binary")
PARTITIONS = (1, 2, 4, 8, 16, 32, 64)
OTHER_TYPES = ("autocomplete", "embeddedDocuments", "geo", "knnVector", "vector", "autoEmbedVector")
FIELD_TYPES = (*SCALARS, "document", "string", "token", *OTHER_TYPES)


def parse(definition: Mapping[str, Any], kind: str, path: str = "") -> Definition:
    """Reads a user's definition.

    Raises Malformed; CommandFailed for what Atlas has and the stand-in hasn't, and for unknown analyzers.
    """
    fields = Fields(definition, path)
    parsed = _vector(fields) if kind == VECTOR_SEARCH else _search(fields)
    fields.no_others()
    return parsed


def _partitions(fields: Fields) -> int:
    number = fields.integer("numPartitions", 1)
    if number not in PARTITIONS:
        sentence = f"numPartitions {number} must be of 1, 2, 4, 8, 16, 32, or 64."
        raise fields.fail_at("numPartitions", sentence)
    return number


def _vector(fields: Fields) -> VectorDefinition:
    vectors: dict[str, VectorField] = {}
    filters: set[str] = set()
    listed = fields.list_of("fields")
    for path, element in listed:
        one = Fields(as_document(element, path), path)
        kind = one.choice("type", ("autoEmbed", "embeddedDocuments", "filter", "text", "vector"))
        name = one.string("path")
        if kind == "filter":
            filters.add(name)
        elif kind == "vector":
            vectors[name] = _vector_field(one, name)
        else:
            raise unsupported(f"a field of type {kind} in a vector search index")
        one.no_others()
    if len({*vectors, *filters}) < len(listed):
        raise fields.fail_at("fields", "Vector and filter fields should have distinct paths")
    for option in ("storedSource", "nestedRoot"):
        if fields.has(option):
            raise unsupported(option)
    return VectorDefinition(vectors=vectors, filters=frozenset(filters), partitions=_partitions(fields))


def _vector_field(one: Fields, path: str) -> VectorField:
    dimensions = one.bounded("numDimensions", 1, LARGEST_DIMENSIONS)
    quantization = one.choice("quantization", QUANTIZATIONS, "none")
    if quantization == "binary" and dimensions % 8:
        raise one.fail(f"numDimensions {dimensions} must be a multiple of 8 for binary quantization")
    method = one.choice("indexingMethod", ("flat", "hnsw"), "hnsw")
    hnsw = (16, 100)
    if one.has("hnswOptions"):
        if method != "hnsw":
            raise one.fail('hnswOptions is only supported with "indexingMethod: hnsw".')
        options = one.fields("hnswOptions")
        hnsw = (
            options.bounded("maxEdges", 16, 64, 16),
            options.bounded("numEdgeCandidates", 100, 3200, 100),
        )
        options.no_others()
    return VectorField(
        path=path,
        dimensions=dimensions,
        similarity=one.choice("similarity", SIMILARITIES),
        quantization=quantization,
        method=method,
        hnsw=hnsw,
    )


def _search(fields: Fields) -> SearchDefinition:
    if fields.has("nestedRoot"):
        raise fields.fail(
            "`nestedRoot` is not supported in search index definitions. Remove `nestedRoot` from the"
            ' definition, or set the index `type` to `"vectorSearch"` if you intended to create a vector'
            " search index."
        )
    mappings = fields.fields("mappings")
    document = _document(mappings)
    mappings.no_others()
    custom = _custom_analyzers(fields)
    for option in ("storedSource", "typeSets", "sort", "synonyms"):
        if fields.optional(option) not in (None, False, []):
            raise unsupported(option)
    definition = SearchDefinition(
        mappings=document,
        analyzer=fields.string("analyzer", DEFAULT_ANALYZER),
        search_analyzer=fields.string("searchAnalyzer", "") or None,
        custom=custom,
        partitions=_partitions(fields),
    )
    _check_analyzers(definition)
    return definition


def _document(fields: Fields) -> DocumentType:
    dynamic = fields.optional("dynamic")
    if isinstance(dynamic, Mapping):
        raise unsupported("a type set in dynamic")
    children: dict[str, FieldTypes] = {}
    if fields.has("fields"):
        inner = fields.fields("fields")
        for name in inner.document:
            children[name] = _field_types(inner, name)
    return DocumentType(dynamic=fields.boolean("dynamic", False), fields=children)


def _field_types(fields: Fields, name: str) -> FieldTypes:
    if fields.optional(name) is None:
        raise fields.fail_at(name, "cannot be null")
    kinds: list[str] = []
    string = token = document = None
    scalars: set[str] = set()
    value = fields.optional(name)
    elements = fields.list_of(name) if isinstance(value, list) else [(fields.at(name), value)]
    for path, element in elements:
        one = Fields(as_document(element, path), path)
        kind = one.choice("type", FIELD_TYPES)
        kinds.append(kind)
        match kind:
            case "string":
                string = _string(one)
            case "token":
                token = TokenType(normalizer=one.choice("normalizer", ("lowercase", "none"), "none"))
            case "document":
                document = _document(one)
            case "number":
                one.ignore("representation", "indexIntegers", "indexDoubles")
                scalars.add(kind)
            case _ if kind in SCALARS:
                scalars.add(kind)
            case _:
                raise unsupported(f"a field of type {kind} in a search index")
        one.no_others()
    repeated = {kind for kind in kinds if kinds.count(kind) > 1}
    if repeated:
        sentence = f'field contained multiple "[{", ".join(sorted(repeated))}]" type definitions'
        raise fields.fail_at(name, sentence)
    return FieldTypes(string=string, token=token, scalars=frozenset(scalars), document=document)


def _string(one: Fields) -> StringType:
    if one.has("similarity") and one.fields("similarity").optional("type") != "bm25":
        raise unsupported("a similarity other than bm25")
    multi: dict[str, StringType] = {}
    if one.has("multi"):
        inner = one.fields("multi")
        for name in inner.document:
            if "." in name:
                raise inner.fail_at(name, 'multi path cannot contain "."')
            multi[name] = _multi(inner.fields(name))
    ignore_above = one.integer("ignoreAbove", 0) or None
    return StringType(
        analyzer=one.nonempty("analyzer") if one.has("analyzer") else None,
        search_analyzer=one.nonempty("searchAnalyzer") if one.has("searchAnalyzer") else None,
        ignore_above=ignore_above,
        index_options=one.choice("indexOptions", ("docs", "freqs", "positions", "offsets"), "offsets"),
        store=one.boolean("store", True),
        norms=one.choice("norms", ("include", "omit"), "include"),
        multi=multi,
    )


def _multi(one: Fields) -> StringType:
    if one.choice("type", FIELD_TYPES) != "string":
        raise one.fail("multi definition must be string field")
    string = _string(one)
    if string.multi:
        raise one.fail("multi definition cannot contain nested multi definition")
    one.no_others()
    return string


def _custom_analyzers(fields: Fields) -> dict[str, CustomAnalyzer]:
    found: dict[str, CustomAnalyzer] = {}
    if not fields.has("analyzers"):
        return found
    for path, element in fields.list_of("analyzers"):
        one = Fields(as_document(element, path), path)
        name = one.nonempty("name")
        if name.startswith(("lucene.", "builtin.", "mongodb.")):
            raise one.fail_at("name", f"cannot begin with {name.split('.')[0]}.")
        if name in found:
            raise fields.fail_at("analyzers", "cannot contain elements with the same name")
        tokenizer = one.fields("tokenizer")
        kind = tokenizer.choice("type", analyzers.ALL_TOKENIZERS)
        if tokenizer.has("maxTokenLength"):
            raise unsupported("maxTokenLength")
        tokenizer.no_others() if kind in analyzers.TOKENIZERS else None
        if one.optional("charFilters"):
            raise unsupported("charFilters")
        found[name] = CustomAnalyzer(name=name, tokenizer=kind, filters=tuple(_token_filters(one)))
        one.no_others()
    return found


def _token_filters(one: Fields) -> Iterator[str]:
    for path, element in one.list_of("tokenFilters") if one.has("tokenFilters") else []:
        step = Fields(as_document(element, path), path)
        kind = step.choice("type", analyzers.ALL_FILTERS)
        if step.optional("originalTokens") not in (None, "omit"):
            raise unsupported("originalTokens")
        if kind in analyzers.FILTERS:
            step.no_others()
        yield kind


def _check_analyzers(definition: SearchDefinition) -> None:
    names = {definition.analyzer, *_analyzers_of(definition.mappings)}
    if definition.search_analyzer:
        names.add(definition.search_analyzer)
    missing = sorted(name for name in names if name not in analyzers.STOCK and name not in definition.custom)
    if missing:
        raise CommandFailed(COMMAND_FAILED, f"references non-existent analyzers: {', '.join(missing)}")
    for name in {*names, *definition.custom}:
        definition.build(name)


def _analyzers_of(document: DocumentType) -> Iterator[str]:
    for types in document.fields.values():
        for string in [types.string, *types.string.multi.values()] if types.string else []:
            assert string is not None
            yield from (name for name in (string.analyzer, string.search_analyzer) if name)
        if types.document:
            yield from _analyzers_of(types.document)
