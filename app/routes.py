"""Which view answers which address."""

from __future__ import annotations

from aiohttp import web

from app.views import (
    chat,
    documents,
    feedback,
    health,
    mcp,
    models,
    ollama,
    openai,
    pages,
    reference,
    search,
    uploads,
)

ROUTES = (
    web.post("/", chat.chat),
    web.post("/gemini", chat.gemini),
    web.get("/answers/{id}", chat.resume),
    web.delete("/answers/{id}", chat.stop),
    web.post("/search", search.search),
    web.post("/feedback", feedback.feedback),
    web.get("/documents", documents.documents),
    web.post("/documents", uploads.upload),
    web.patch("/documents/{id}", uploads.describe),
    web.delete("/documents/{id}", uploads.delete),
    web.post("/documents/{id}/cancel", uploads.cancel),
    web.get("/documents/{id}/events", uploads.events),
    web.get("/documents/{id}/file", documents.file),
    web.get("/documents/{id}/pages/{page}.png", pages.page),
    web.post("/mcp", mcp.mcp),
    web.get("/models", models.models),
    web.get("/", ollama.running),
    web.post("/api/chat", ollama.chat),
    web.post("/api/generate", ollama.generate),
    web.get("/api/tags", ollama.tags),
    web.post("/api/show", ollama.show),
    web.get("/api/ps", ollama.ps),
    web.get("/api/version", ollama.version),
    web.post("/api/embed", ollama.embedded),
    web.post("/api/embeddings", ollama.embedding),
    web.post("/v1/chat/completions", openai.completions),
    web.get("/v1/models", openai.models),
    web.get("/v1/models/{id:.+}", openai.model),
    web.post("/v1/embeddings", openai.embeddings),
    web.get("/healthz", health.healthz),
    web.get("/readyz", health.readyz),
    web.get("/openapi.json", reference.openapi),
    web.get("/docs", reference.docs),
    web.get("/docs/{file}", reference.asset),
)
