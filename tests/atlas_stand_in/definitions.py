"""What an index is to hold, once its definition has been read.

Two definitions that mean the same are equal, whatever defaults they spell out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.atlas_stand_in import analyzers
from tests.atlas_stand_in.analyzers import Analyzer

SEARCH, VECTOR_SEARCH = "search", "vectorSearch"
TYPES = (SEARCH, VECTOR_SEARCH)

DEFAULT_ANALYZER = "lucene.standard"


@dataclass(frozen=True, kw_only=True)
class VectorField:
    path: str
    dimensions: int
    similarity: str
    quantization: str = "none"
    method: str = "hnsw"
    hnsw: tuple[int, int] = (16, 100)  # maxEdges, numEdgeCandidates


@dataclass(frozen=True, kw_only=True)
class VectorDefinition:
    vectors: Mapping[str, VectorField]
    filters: frozenset[str]
    partitions: int = 1

    type = VECTOR_SEARCH


@dataclass(frozen=True, kw_only=True)
class StringType:
    analyzer: str | None = None
    search_analyzer: str | None = None
    ignore_above: int | None = None
    index_options: str = "offsets"
    store: bool = True
    norms: str = "include"
    multi: Mapping[str, StringType] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TokenType:
    normalizer: str = "none"


@dataclass(frozen=True, kw_only=True)
class DocumentType:
    dynamic: bool = False
    fields: Mapping[str, FieldTypes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FieldTypes:
    """All the ways in which one field is indexed."""

    string: StringType | None = None
    token: TokenType | None = None
    scalars: frozenset[str] = frozenset()
    document: DocumentType | None = None


SCALARS = ("boolean", "date", "number", "objectId", "uuid")
DYNAMIC = FieldTypes(string=StringType(), scalars=frozenset(SCALARS), document=DocumentType(dynamic=True))


@dataclass(frozen=True, kw_only=True)
class CustomAnalyzer:
    name: str
    tokenizer: str
    filters: tuple[str, ...]

    def built(self) -> Analyzer:
        return analyzers.custom(self.tokenizer, self.filters)


@dataclass(frozen=True, kw_only=True)
class SearchDefinition:
    mappings: DocumentType
    analyzer: str = DEFAULT_ANALYZER
    search_analyzer: str | None = None
    custom: Mapping[str, CustomAnalyzer] = field(default_factory=dict)
    partitions: int = 1

    type = SEARCH

    def field_types(self, path: str) -> FieldTypes | None:
        """How the field at a dotted path is indexed; None: it isn't."""
        document: DocumentType | None = self.mappings
        types: FieldTypes | None = None
        for name in path.split("."):
            if document is None:
                return None
            types = document.fields.get(name) or (DYNAMIC if document.dynamic else None)
            document = types.document if types else None
        return types

    def string_type(self, path: str, multi: str | None) -> StringType | None:
        types = self.field_types(path)
        if types is None or types.string is None:
            return None
        return types.string if multi is None else types.string.multi.get(multi)

    def index_analyzer(self, string: StringType) -> str:
        return string.analyzer or self.analyzer

    def query_analyzer(self, string: StringType | None) -> str:
        """A field's own search analyzer, its analyzer, then the index's."""
        if string is not None and (string.search_analyzer or string.analyzer):
            return string.search_analyzer or string.analyzer or self.analyzer
        return self.search_analyzer or self.analyzer

    def build(self, name: str) -> Analyzer:
        return self.custom[name].built() if name in self.custom else analyzers.stock(name)


Definition = VectorDefinition | SearchDefinition
