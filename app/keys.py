"""What the application and its requests carry, under typed keys."""

from __future__ import annotations

from aiohttp import web

from app.answers import Answers
from app.mcp.endpoint import Endpoint
from app.messages import Language
from app.models.ollama_shelf import OllamaShelf
from app.models.route import Route
from app.pictures import Pictures
from app.reading import Reader
from app.retrieve import Retriever
from app.settings import Settings
from app.uploads.loading import Loading
from app.uploads.receiving import Receiver
from database.asked import AskedPages
from database.feedback import FeedbackFile
from database.files.base import Files
from database.stores.base import Store

SETTINGS = web.AppKey("settings", Settings)
STORE: web.AppKey[Store] = web.AppKey("store")
FILES: web.AppKey[Files] = web.AppKey("files")
RETRIEVER: web.AppKey[Retriever] = web.AppKey("retriever")
READER = web.AppKey("reader", Reader)
SHELF: web.AppKey[OllamaShelf | None] = web.AppKey("shelf")
ROUTE = web.AppKey("route", Route)
ANSWERS = web.AppKey("answers", Answers)
ASKED = web.AppKey("asked", AskedPages)
LOADING = web.AppKey("loading", Loading)
RECEIVER = web.AppKey("receiver", Receiver)
FEEDBACK = web.AppKey("feedback", FeedbackFile)
PICTURES = web.AppKey("pictures", Pictures)
MCP = web.AppKey("mcp", Endpoint)

# The language that the reader of a request's errors understands.
LANGUAGE: web.RequestKey[Language] = web.RequestKey("language")
