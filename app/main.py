"""The application, wired."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from app import lifecycle, middlewares
from app.keys import FEEDBACK, SETTINGS
from app.routes import ROUTES
from app.settings import Settings
from app.uploads.process import worker_command
from database.feedback import FeedbackFile


def create_app(
    settings: Settings,
    open_collection: lifecycle.OpenCollection = lifecycle.open_collection,
    worker: Sequence[str] | None = None,
) -> web.Application:
    """The server for these settings. It opens what it needs when it starts, and closes it when it ends.

    `worker` is the command that loads documents in place of `python -m database work`.
    """
    app = web.Application(
        client_max_size=middlewares.LARGEST_BODY,
        middlewares=(
            middlewares.log_requests,
            middlewares.choose_language,
            middlewares.errors_as_json,
            middlewares.check_host,
            middlewares.answer_preflight,
            middlewares.check_origin,
        ),
    )
    app[SETTINGS] = settings
    app[FEEDBACK] = FeedbackFile(settings.data_dir)
    app.on_response_prepare.append(middlewares.allow_origin)
    app.cleanup_ctx.extend(
        (
            lifecycle.collection_context(open_collection),
            lifecycle.models_context,
            lifecycle.answers_context,
            lifecycle.pictures_context,
            lifecycle.loading_context(worker or worker_command()),
            lifecycle.warming_context,
        )
    )
    app.on_shutdown.append(lifecycle.end_following)
    app.add_routes(ROUTES)
    return app
