"""The application, wired."""

from __future__ import annotations

from aiohttp import web

from app import lifecycle, middlewares
from app.keys import SETTINGS
from app.routes import ROUTES
from app.settings import Settings


def create_app(
    settings: Settings, open_collection: lifecycle.OpenCollection = lifecycle.open_collection
) -> web.Application:
    """The server for these settings. It opens what it needs when it starts, and closes it when it ends."""
    app = web.Application(
        client_max_size=middlewares.LARGEST_BODY,
        middlewares=(
            middlewares.log_requests,
            middlewares.choose_language,
            middlewares.errors_as_json,
            middlewares.check_host,
            middlewares.answer_preflight,
        ),
    )
    app[SETTINGS] = settings
    app.on_response_prepare.append(middlewares.allow_origin)
    app.cleanup_ctx.extend(
        (lifecycle.collection_context(open_collection), lifecycle.models_context, lifecycle.pictures_context)
    )
    app.add_routes(ROUTES)
    return app
