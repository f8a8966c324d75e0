"""Tests of settings: a preview of file names, test notifications, a folder check."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import anyio
import attrs
from aiohttp import web
from anyio import to_thread
from msgspec import Meta

from aniworld_core.application.automation import SettingTrial, tried
from aniworld_core.domain.access import Scope
from aniworld_core.domain.configuration import NamingConfig, NamingPreset
from aniworld_core.domain.library import preview
from aniworld_core.messages import Message, MessageView, kind_field, values_field
from aniworld_http.checks import FolderTrial, try_folder
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import SECRET, Answer, Operation
from aniworld_http.schemas import json_response, read_body
from aniworld_http.schemas.config import ServerPath
from aniworld_http.security.oidc import Provider

_Template = Annotated[str, Meta(max_length=1000)]
#: JSON pointer of the settings of the identity provider.
_OIDC: Final = "/oidc"
#: Seconds in which a folder must respond.
_PATIENCE_SECONDS: Final = 10.0


@attrs.frozen(kw_only=True)
class NamingBody:
    """Layout and templates to preview; a missing one is taken from the configuration."""

    preset: NamingPreset | None = None
    series_folder: _Template | None = None
    season_folder: _Template | None = None
    episode: _Template | None = None

    def over(self, naming: NamingConfig) -> NamingConfig:
        """Return *naming* with these templates in it."""
        given = attrs.asdict(self, filter=lambda _field, value: value is not None)
        return attrs.evolve(naming, **given)


@attrs.frozen(kw_only=True)
class NamingSample:
    """Paths below the library folder that the templates produce for sample episodes."""

    paths: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Delivery(MessageView):
    """Result of one test notification; `error` is null if it was delivered."""

    address: str
    error: str | None
    error_kind: str | None = kind_field("error")
    error_values: Mapping[str, Any] = values_field("error")


@attrs.frozen(kw_only=True)
class Deliveries:
    """Results of all test notifications."""

    results: tuple[Delivery, ...]


async def preview_names(request: web.Request) -> web.Response:
    """Preview file names."""
    body = await read_body(request, NamingBody)
    present = request.app[APPLICATION].current_config.value.naming
    own = attrs.evolve(present, preset=NamingPreset.OWN)
    for name in ("series_folder", "season_folder", "episode"):
        template = getattr(body, name)
        if template is not None:
            # One after the other, so that a mistake is shown at its own field.
            with blame(f"/{name}"):
                preview(attrs.evolve(own, **{name: template}))
    return json_response(NamingSample(paths=tuple(preview(body.over(present)))))


@attrs.frozen(kw_only=True)
class FolderBody:
    """Folder of the server to check, and the other library folders of the form."""

    path: ServerPath
    others: Annotated[tuple[ServerPath, ...], Meta(max_length=100)] = ()


async def test_folder(request: web.Request) -> web.Response:
    """Check a folder."""
    body = await read_body(request, FolderBody)
    folder, others = _home_expanded(body.path), tuple(map(_home_expanded, body.others))
    if not folder.is_absolute():
        problem = Message("relative_path")
        return json_response(FolderTrial(path=str(folder), is_usable=False, problem=problem))
    data_dir = request.app[APPLICATION].settings.data_dir
    with anyio.move_on_after(_PATIENCE_SECONDS):
        # The thread is abandoned if the disk never answers: it cannot be stopped.
        trial = await to_thread.run_sync(
            try_folder, folder, data_dir, others, abandon_on_cancel=True
        )
        return json_response(trial)
    late = FolderTrial(
        path=str(folder),
        is_usable=False,
        problem=Message("no_answer_within", waited_seconds=_PATIENCE_SECONDS),
    )
    return json_response(late)


@attrs.frozen(kw_only=True)
class SettingsDraft:
    """Settings to test.

    Attributes:
        pointer: JSON pointer of a service or a section, such as `/media_servers/servers/0` or
            `/oidc`.
        document: Any part of the configuration, as for `putConfig`; it is laid over the stored one.
    """

    pointer: Annotated[str, Meta(max_length=200, pattern=r"^(/[^/\x00-\x1f]*)*$")] = ""
    document: Mapping[str, Any] = attrs.field(factory=dict)


def _home_expanded(path: str) -> Path:
    """Return a path in which `~` stands for a home folder, as in the configuration."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # for an unknown user
        return Path(path)


async def test_settings(request: web.Request) -> web.Response:
    """Test services with settings that need not be stored."""
    body = await read_body(request, SettingsDraft)
    application = request.app[APPLICATION]
    if body.pointer == _OIDC:
        config = await application.config.drafted(body.document)
        trials = await _try_provider(Provider(config.oidc, application.clock))
    else:
        trials = await application.setting_tests.run(body.document, body.pointer)
    return json_response(SettingTrials(results=tuple(trials)))


async def _try_provider(provider: Provider) -> Sequence[SettingTrial]:
    """Return the result of asking an identity provider; none without an address."""
    if not provider.config.issuer:
        return ()

    async def ask() -> Message:
        await provider.check()
        return Message("oidc_works")

    return [await tried(_OIDC, provider.label, ask)]


@attrs.frozen(kw_only=True)
class SettingTrials:
    """Results of the tests, in the order of the document."""

    results: tuple[SettingTrial, ...]


async def test_notifications(request: web.Request) -> web.Response:
    """Send a test notification to every configured address."""
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
        summary="Preview file names; changes nothing",
        body=NamingBody,
        answers={200: Answer(description="Sample paths", content=NamingSample)},
    ),
    Operation(
        method="POST",
        path="/api/notifications/test",
        handler=test_notifications,
        id="testNotifications",
        policy=SECRET,
        summary="Send a test notification to every configured address",
        answers={200: Answer(description="Result for each address", content=Deliveries)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/test",
        handler=test_settings,
        id="testSettings",
        policy=SECRET,
        summary="Ask the services of a form: catalogues, media servers, notifications, sign-in",
        description=(
            "Stores nothing. Secrets sent as ******** are the stored ones, and are used for the "
            "stored address only. Sends a test message to each notification address."
        ),
        body=SettingsDraft,
        answers={200: Answer(description="One result for each service", content=SettingTrials)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/test/folder",
        handler=test_folder,
        id="testFolder",
        policy=SECRET,
        summary="Check whether a folder of the server can be used for downloads",
        description="Writes a file to it and removes it again. Changes no setting.",
        body=FolderBody,
        answers={200: Answer(description="Result of the check", content=FolderTrial)},
        scope=Scope.ADMIN,
    ),
)
