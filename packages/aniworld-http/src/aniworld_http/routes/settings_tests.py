"""Trying settings out: what files would be called, whether news arrives, how a folder is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import anyio
import attrs
from aiohttp import web
from anyio import to_thread
from msgspec import Meta

from aniworld_core.domain.access import Scope
from aniworld_core.domain.configuration import NamingConfig
from aniworld_core.domain.library import preview
from aniworld_core.messages import Message, MessageView, kind_field, values_field
from aniworld_http.checks import FolderTrial, try_folder
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import SECRET, Answer, Operation
from aniworld_http.schemas import json_response, read_body

_Template = Annotated[str, Meta(max_length=1000)]
#: A folder that answers later than this is no good place for downloads.
_PATIENCE_SECONDS: Final = 10.0


@attrs.frozen(kw_only=True)
class NamingBody:
    """Templates to look at; what is left out is as configured."""

    series_folder: _Template | None = None
    season_folder: _Template | None = None
    episode: _Template | None = None

    def over(self, naming: NamingConfig) -> NamingConfig:
        """Return *naming* with these templates in it."""
        given = attrs.asdict(self, filter=lambda _field, value: value is not None)
        return attrs.evolve(naming, **given)


@attrs.frozen(kw_only=True)
class NamingSample:
    """What the templates make of a few telling episodes, below the library folder."""

    paths: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Delivery(MessageView):
    """Whether a trial arrived; `error` is null when it did."""

    address: str
    error: str | None
    error_kind: str | None = kind_field("error")
    error_values: Mapping[str, Any] = values_field("error")


@attrs.frozen(kw_only=True)
class Deliveries:
    """What became of the trials."""

    results: tuple[Delivery, ...]


async def preview_names(request: web.Request) -> web.Response:
    """Show what files would be called."""
    body = await read_body(request, NamingBody)
    present = request.app[APPLICATION].current_config.value.naming
    for name, template in attrs.asdict(body).items():
        if template is not None:
            # One after the other, so that a mistake is shown at its own field.
            with blame(f"/{name}"):
                preview(attrs.evolve(present, **{name: template}))
    return json_response(NamingSample(paths=tuple(preview(body.over(present)))))


@attrs.frozen(kw_only=True)
class FolderBody:
    """Which folder of the server to try."""

    path: Annotated[
        str,
        Meta(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$"),
    ]


async def test_folder(request: web.Request) -> web.Response:
    """Try a folder out."""
    body = await read_body(request, FolderBody)
    folder = Path(body.path)
    data_dir = request.app[APPLICATION].settings.data_dir
    with anyio.move_on_after(_PATIENCE_SECONDS):
        # Left behind when the disk never answers: a thread cannot be stopped.
        trial = await to_thread.run_sync(try_folder, folder, data_dir, abandon_on_cancel=True)
        return json_response(trial)
    late = FolderTrial(
        path=str(folder),
        is_usable=False,
        problem=Message("no_answer_within", waited_seconds=_PATIENCE_SECONDS),
    )
    return json_response(late)


async def test_notifications(request: web.Request) -> web.Response:
    """Send a trial to everybody who is told."""
    outcomes = await request.app[APPLICATION].notifications.test_all()
    return json_response(
        Deliveries(
            results=tuple(
                Delivery(address=address, error=error or None)
                for address, error in outcomes.items()
            )
        )
    )


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/config/naming-preview",
        handler=preview_names,
        id="previewNames",
        policy=SECRET,
        summary="What files would be called; changes nothing",
        body=NamingBody,
        answers={200: Answer(description="A few telling examples", content=NamingSample)},
    ),
    Operation(
        method="POST",
        path="/api/notifications/test",
        handler=test_notifications,
        id="testNotifications",
        summary="Send a trial to every configured address",
        answers={200: Answer(description="What became of each", content=Deliveries)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/test/folder",
        handler=test_folder,
        id="testFolder",
        policy=SECRET,
        summary="Whether a folder of the server can be used for downloads; leaves nothing behind",
        description="A file is made in it and removed again. Settings are not changed.",
        body=FolderBody,
        answers={200: Answer(description="How it is", content=FolderTrial)},
        scope=Scope.ADMIN,
    ),
)
