"""/api/config: read and change the configuration and its backups."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiohttp import web
from anyio import to_thread

from aniworld_core.application.configuration import (
    all_settings,
    announcing,
    document_from_config,
)
from aniworld_core.bootstrap.plugins import adapter_distributions
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.documents import kind_of
from aniworld_core.domain.access import Scope
from aniworld_core.domain.configuration import ANY, BackupInfo, Config
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.keys import APPLICATION, AUTHENTICATOR
from aniworld_http.operations import SECRET, Answer, Link, Operation
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.rendering import LANGUAGES, TEMPLATES, Templates
from aniworld_http.schemas import (
    Encoded,
    cached_json,
    json_response,
    listed,
    no_content,
    read_json_body,
    read_optional_body,
)
from aniworld_http.schemas.config import (
    PASSWORD_FIELD,
    BackupName,
    ConfigChange,
    ConfigDocument,
    ConfigDraft,
    RestoreBody,
    SettingView,
    Validation,
)
from aniworld_http.security.rate_limits import checking_password


async def read(request: web.Request) -> web.Response:
    """Show the configuration without its secrets."""
    editor = request.app[APPLICATION].config
    return cached_json(request, editor.shown(await editor.read()))


async def list_settings(request: web.Request) -> web.Response:
    """Describe every setting, those of the installed providers included."""
    # Importing the loaders takes a while at the first time.
    declared = await to_thread.run_sync(request.app[APPLICATION].config.declared)
    settings = request.app[APPLICATION].settings
    usual, overriding = _usual(request.app[APPLICATION]), _overriding(settings)
    views = []
    for each in all_settings(declared):
        providers: Sequence[str] | None = None
        if each.description.is_announced:
            providers = announcing(each.path[-1], declared)
        elif each.path[0] == "providers" and each.path[1] != ANY:
            providers = [each.path[1]]
        if not each.description.is_internal:
            group = each.description.adapters
            view = SettingView.of(
                each,
                providers,
                suggestions=sorted(adapter_distributions(group)) if group else (),
                usual=usual.get(each.name),
                overridden_by=overriding.get(each.name),
                words=_words(request.app[TEMPLATES], each.text),
            )
            views.append(view)
    return cached_json(request, views)


def _words(templates: Templates, text: str) -> str:
    """Return label and help text of a setting in every language."""
    names = (text, f"{text}.hint")
    return " ".join(
        templates.texts(language)(name)
        for language in LANGUAGES
        for name in names
        if templates.texts(language).has(name)
    )


def _usual(application: Application) -> Mapping[str, str]:
    """Return what empty values stand for."""
    data_dir = application.settings.data_dir
    return {
        "data_dir": str(data_dir),
        "backup.path": str(data_dir / "backups"),
        "network.user_agent": application.user_agent,
    }


def _overriding(settings: Settings) -> Mapping[str, str]:
    """Return the settings that the environment or the command line replaces, with the variable."""
    found = {}
    if settings.anime_directory is not None:
        found["other.anime_directory"] = "ANIME_DIRECTORY"
    if settings.log_level:
        found["logging.level"] = "LOG_LEVEL"
    return found


async def replace(request: web.Request) -> web.Response:
    """Change the configuration."""
    body = await read_json_body(request)
    document, password = _without_password(body.value)
    editor = request.app[APPLICATION].config
    if await editor.guarded_changes(document):
        await _require_password(request, password)
    changed = await editor.replace(document, body.faults, only_if=seen_by(request))
    await request.app[QUEUE_RUNNER].settings_changed()
    return cached_json(request, editor.shown(changed))


def seen_by(request: web.Request) -> Callable[[Config], bool]:
    """Return a check of whether a configuration is that of the `If-Match` of the client."""
    editor = request.app[APPLICATION].config
    known = {each.value for each in request.if_match or ()}

    def is_known(stored: Config) -> bool:
        return not known or not known.isdisjoint({"*", Encoded.of(editor.shown(stored)).tag})

    return is_known


async def validate(request: web.Request) -> web.Response:
    """Check a document."""
    body = await read_json_body(request)
    document, _ = _without_password(body.value)
    editor = request.app[APPLICATION].config
    check = await editor.check(document, body.faults)
    if body.faults:  # Every other endpoint refuses it too.
        raise InvalidFieldsError(check.errors)
    return json_response(Validation.of(check))


async def list_backups(request: web.Request) -> web.Response:
    """List the backups."""
    return listed(request, await request.app[APPLICATION].config.backups())


async def create_backup(request: web.Request) -> web.Response:
    """Make a backup of the configuration."""
    return json_response(await request.app[APPLICATION].config.back_up(), status=201)


async def restore_backup(request: web.Request) -> web.Response:
    """Restore a backup."""
    body = await read_optional_body(request, RestoreBody)
    editor, name = request.app[APPLICATION].config, request.match_info["name"]
    backup = document_from_config(await editor.read_backup(name))
    # The same change through `replace` would need the password too.
    if await editor.guarded_changes(backup):
        await _require_password(request, body.current_password)
    config = await editor.restore(name)
    await request.app[QUEUE_RUNNER].settings_changed()
    return json_response(editor.shown(config))


async def remove_backup(request: web.Request) -> web.Response:
    """Delete a backup."""
    await request.app[APPLICATION].config.remove_backup(request.match_info["name"])
    return no_content()


def _without_password(document: object) -> tuple[Mapping[str, object], str | None]:
    """Return the settings of a body and the optional password beside them.

    Raises:
        InvalidFieldsError: If the body is not an object or the password is not text.
    """
    if not isinstance(document, Mapping):
        raise InvalidFieldsError([("", Message("must_be_object", found=kind_of(document)))])
    settings = dict(document)
    password = settings.pop(PASSWORD_FIELD, None)
    if PASSWORD_FIELD in document and not isinstance(password, str):
        detail = Message("must_be_text", found=kind_of(password))
        raise InvalidFieldsError([(f"/{PASSWORD_FIELD}", detail)])
    return settings, password


async def _require_password(request: web.Request, password: str | None) -> None:
    if password is None:
        raise InvalidFieldsError([(f"/{PASSWORD_FIELD}", Message("required_to_change_path"))])
    async with checking_password(request):
        await request.app[AUTHENTICATOR].password.confirm(password)


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
        method="GET",
        path="/api/config/settings",
        handler=list_settings,
        id="listSettings",
        policy=SECRET,
        summary="Type, default, range, unit and texts of every setting",
        answers={200: Answer(description="Every setting", content=tuple[SettingView, ...])},
    ),
    Operation(
        method="PUT",
        path="/api/config",
        handler=replace,
        id="putConfig",
        policy=SECRET,
        summary="Change the whole configuration or any part of it",
        body=ConfigChange,
        description=(
            "With the header `If-Match` and the `ETag` of an earlier response, it changes nothing "
            "and answers 409 if somebody else has changed the configuration since."
        ),
        answers={200: Answer(description="The whole document", content=ConfigDocument)},
        problems=(403, 409, 429),
        scope=Scope.ADMIN,
    ),
    Operation(
        method="POST",
        path="/api/config/validate",
        handler=validate,
        id="validateConfig",
        policy=SECRET,
        summary="Check a document; changes nothing",
        body=ConfigDraft,
        answers={200: Answer(description="All errors and warnings", content=Validation)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/config/backups",
        handler=list_backups,
        id="listBackups",
        policy=SECRET,
        summary="List the backups, newest first",
        answers={
            200: Answer(
                description="All backups",
                content=tuple[BackupInfo, ...],
                headers={"X-Total-Count": "Number of backups"},
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
        summary="Make a backup of the configuration",
        answers={201: Answer(description="The backup", content=BackupInfo)},
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
        summary="Restore a backup; the password stays",
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
        summary="Delete a backup",
        path_types=_NAMED,
        answers={204: Answer(description="It is deleted")},
        problems=(404,),
        scope=Scope.ADMIN,
    ),
)
