"""/api/config: reading and changing the configuration, and its former versions."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from aniworld_core.application.configuration import document_from_config, redacted
from aniworld_core.domain.access import Scope
from aniworld_core.domain.configuration import BackupInfo, Config
from aniworld_core.errors import InvalidFieldsError
from aniworld_http.keys import APPLICATION, AUTHENTICATOR
from aniworld_http.operations import SECRET, Answer, Link, Operation
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.schemas import (
    cached_json,
    json_response,
    listed,
    no_content,
    read_document,
    read_optional_body,
)
from aniworld_http.schemas.config import (
    PASSWORD_FIELD,
    BackupName,
    ConfigChange,
    ConfigDocument,
    RestoreBody,
    Validation,
)
from aniworld_http.security.rate_limits import guessing

#: Settings that decide where the server writes: a stolen token is not enough to change them.
_PATHS: Final = (
    ("other", "anime_directory"),
    ("data_dir",),
    ("backup", "path"),
    ("logging", "file"),
)


async def read(request: web.Request) -> web.Response:
    """Show the configuration without its secrets."""
    return cached_json(request, _shown(await request.app[APPLICATION].config.read()))


async def replace(request: web.Request) -> web.Response:
    """Change the configuration."""
    document = dict(await read_document(request))
    password = _taken_password(document)
    editor = request.app[APPLICATION].config
    if _changes_path(document, document_from_config(await editor.read())):
        await _require_password(request, password)
    changed = await editor.replace(document)
    await request.app[QUEUE_RUNNER].settings_changed()
    return json_response(_shown(changed))


async def validate(request: web.Request) -> web.Response:
    """Tell what a document would do."""
    document = dict(await read_document(request))
    _taken_password(document)
    return json_response(Validation.of(await request.app[APPLICATION].config.check(document)))


async def list_backups(request: web.Request) -> web.Response:
    """List the former versions."""
    return listed(request, await request.app[APPLICATION].config.backups())


async def create_backup(request: web.Request) -> web.Response:
    """Keep a copy of the configuration as it is."""
    return json_response(await request.app[APPLICATION].config.back_up(), status=201)


async def restore_backup(request: web.Request) -> web.Response:
    """Make a former version the present one."""
    body = await read_optional_body(request, RestoreBody)
    editor, name = request.app[APPLICATION].config, request.match_info["name"]
    backup = document_from_config(await editor.read_backup(name))
    # No way round what the same change by `replace` would ask for.
    if _changes_path(backup, document_from_config(await editor.read())):
        await _require_password(request, body.current_password)
    config = await editor.restore(name)
    await request.app[QUEUE_RUNNER].settings_changed()
    return json_response(_shown(config))


async def remove_backup(request: web.Request) -> web.Response:
    """Delete a former version."""
    await request.app[APPLICATION].config.remove_backup(request.match_info["name"])
    return no_content()


def _shown(config: Config) -> dict[str, object]:
    return redacted(document_from_config(config))


def _changes_path(document: Mapping[str, object], stored: Mapping[str, object]) -> bool:
    return any(_at(document, path, _at(stored, path)) != _at(stored, path) for path in _PATHS)


def _at(document: object, path: tuple[str, ...], default: object = None) -> object:
    for name in path:
        if not isinstance(document, Mapping) or name not in document:
            return default
        document = document[name]
    return document


def _taken_password(document: dict[str, object]) -> str | None:
    """Take the password out of a document, which is the configuration's from then on."""
    if PASSWORD_FIELD not in document:
        return None
    password = document.pop(PASSWORD_FIELD)
    if not isinstance(password, str):
        raise InvalidFieldsError([(f"/{PASSWORD_FIELD}", "must be text")])
    return password


async def _require_password(request: web.Request, password: str | None) -> None:
    if password is None:
        raise InvalidFieldsError([(f"/{PASSWORD_FIELD}", "is required to change a path")])
    async with guessing(request):
        await request.app[AUTHENTICATOR].confirm_password(password)


_NAMED: Final = {"name": BackupName}
OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/config",
        handler=read,
        id="getConfig",
        policy=SECRET,
        summary="The configuration without its secrets",
        answers={200: Answer(description="The whole document", content=ConfigDocument)},
    ),
    Operation(
        method="PUT",
        path="/api/config",
        handler=replace,
        id="putConfig",
        policy=SECRET,
        summary="Change the whole configuration or any part of it",
        body=ConfigChange,
        answers={200: Answer(description="The whole document", content=ConfigDocument)},
        problems=(403, 429),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/validate",
        handler=validate,
        id="validateConfig",
        policy=SECRET,
        summary="What a document would do; changes nothing",
        body=ConfigChange,
        answers={200: Answer(description="Every mistake and warning", content=Validation)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/config/backups",
        handler=list_backups,
        id="listBackups",
        policy=SECRET,
        summary="The former versions, newest first",
        answers={
            200: Answer(
                description="All of them",
                content=tuple[BackupInfo, ...],
                headers={"X-Total-Count": "How many there are"},
            )
        },
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/backups",
        handler=create_backup,
        id="createBackup",
        policy=SECRET,
        summary="Keep a copy of the configuration as it is",
        answers={201: Answer(description="The copy", content=BackupInfo)},
        scope=Scope.ADMIN,
        links=(
            Link(
                operation="restoreBackup", parameters={"name": "$response.body#/name"}, status=201
            ),
            Link(operation="removeBackup", parameters={"name": "$response.body#/name"}, status=201),
        ),
    ),
    Operation(
        method="POST",
        path="/api/config/backups/{name}/restore",
        handler=restore_backup,
        id="restoreBackup",
        policy=SECRET,
        summary="Make a former version the present one; the password stays",
        description=(
            "Where that changes other.anime_directory, data_dir, backup.path or logging.file, "
            "`current_password` must be given, as for the same change by `putConfig`."
        ),
        body=RestoreBody,
        optional_body=True,
        path_types=_NAMED,
        answers={200: Answer(description="The whole document", content=ConfigDocument)},
        problems=(403, 404, 429),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="DELETE",
        path="/api/config/backups/{name}",
        handler=remove_backup,
        id="removeBackup",
        policy=SECRET,
        summary="Delete a former version",
        path_types=_NAMED,
        answers={204: Answer(description="It is deleted")},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
)
