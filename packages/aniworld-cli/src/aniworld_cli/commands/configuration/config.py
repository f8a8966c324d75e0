"""`aniworld config ...`; also works while the database or the library is unavailable."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import anyio

from aniworld_cli.completing import FreeText, SettingName
from aniworld_cli.exit_codes import DONE, UNAVAILABLE, WRONG_USE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_cli.standard_input import STDIN, read_standard_input
from aniworld_core.application.configuration import (
    ConfigCheck,
    document_from_config,
    lookup,
    setting_names,
    without,
)
from aniworld_core.documents import NotJsonError, read_json
from aniworld_core.domain.configuration import BackupInfo, Config
from aniworld_core.domain.json_pointer import pointer_to, tokens_of
from aniworld_core.errors import InvalidConfigError, InvalidFieldsError, NotFoundError, UsageError
from aniworld_core.messages import Message, os_reason

_TESTABLE: Final = "give media_servers, notifications, or providers.NAME"


async def show(*, session: CurrentSession) -> int:
    """Show the configuration, without its secrets."""
    config, problems = await session.config().read_valid_part()
    _print_all(config, [tokens_of(pointer) for pointer, _ in problems], session)
    if not problems:
        return DONE
    session.output.error(InvalidConfigError(problems))
    return WRONG_USE


async def get(name: SettingName, /, *, session: CurrentSession) -> int:
    """Show one setting.

    Args:
        name: Dotted name, such as downloads.concurrent.
        session: The run of the command.
    """
    editor = session.config()
    config, problems = await editor.read_valid_part()
    value = editor.shown_setting(config, name)
    if wrong := [each for each in problems if _concerns(each[0], name)]:
        raise InvalidConfigError(wrong)
    if session.output.is_json:
        session.output.data(value)
    else:
        session.output.line(_text(value))
    return DONE


async def set_value(
    name: SettingName, value: FreeText, /, *more: FreeText, session: CurrentSession
) -> int:
    """Change one or more settings in one step.

    Args:
        name: Dotted name, such as downloads.concurrent.
        value: New value; separate list entries with commas. Sizes and rates may be written as 500K,
            2M or 1.5GiB.
        more: Further names and values. Changing the address of a service requires its secret as
            well.
        session: The run of the command.
    """
    values = {name: value, **_pairs(more)}
    editor = session.config()
    config = await editor.set(values)
    _, problems = await editor.read_valid_part()
    for pointer, detail in problems:
        session.output.warn(
            tr("still not valid: {name}: {detail}", name=_dotted(pointer), detail=detail)
        )
    if session.output.is_json:
        session.output.data(editor.shown(config))
        return DONE
    for each in values:
        session.output.talk(f"{each} = {_text(editor.shown_setting(config, each))}")
    return DONE


def _concerns(pointer: str, name: str) -> bool:
    """Return whether a problem is in a setting, or in the section that contains it."""
    wrong, asked = tokens_of(pointer), name.split(".")
    shared = min(len(wrong), len(asked))
    return wrong[:shared] == asked[:shared]


async def validate(file: Path | None = None, /, *, session: CurrentSession) -> int:
    """Check the configuration, or a file before it becomes the configuration.

    Args:
        file: JSON document, complete or partial; - reads stdin.
        session: The run of the command.
    """
    check = await (_check_stored(session) if file is None else _check_file(file, session))
    if session.output.is_json:
        session.output.data(
            {
                "valid": check.is_valid,
                "errors": [{"pointer": p, "detail": d} for p, d in check.errors],
                "warnings": [{"pointer": p, "detail": d} for p, d in check.warnings],
            }
        )
    else:
        session.output.talk("valid" if check.is_valid else "not valid")
        session.output.table(
            ("Weight", "Setting", "What"),
            [(tr("error"), pointer or "/", detail) for pointer, detail in check.errors]
            + [(tr("warning"), pointer or "/", detail) for pointer, detail in check.warnings],
        )
    return DONE if check.is_valid else WRONG_USE


async def try_settings(name: str = "", /, *, session: CurrentSession) -> int:
    """Ask media servers, notification services and catalogues whether their settings work.

    Each notification address gets a test message. Exits with 6 if a service does not work.

    Args:
        name: Section or service, such as media_servers, notifications or providers.archive;
            by default every configured service.
        session: The run of the command.
    """
    pointer = pointer_to(name.split(".")) if name else ""
    async with session.catalogues() as app:
        try:
            trials = await app.setting_tests.run({}, pointer)
        except InvalidFieldsError as error:
            raise UsageError(
                tr("{name} cannot be tested", name=repr(name)), hint=_TESTABLE
            ) from error
    if session.output.is_json:
        session.output.view(trials)
    elif not trials:
        session.output.talk("nothing is configured there")
    else:
        session.output.table(
            ("Service", "Works", "Detail", "What to do"),
            [
                (each.target, tr("yes" if each.works else "no"), each.detail, each.hint or "")
                for each in trials
            ],
        )
    return DONE if all(each.works for each in trials) else UNAVAILABLE


async def backup(*, session: CurrentSession) -> int:
    """Back up the configuration."""
    made = await session.config().back_up()
    if session.output.is_json:
        session.output.view(made)
    else:
        session.output.line(made.name)
    return DONE


async def backups(*, session: CurrentSession) -> int:
    """List the backups, newest first."""
    kept = await session.config().backups()
    if session.output.is_json:
        session.output.view(kept)
        return DONE
    if not kept:
        session.output.talk("there is no backup yet")
    session.output.table(("Name", "Created", "Bytes"), [_row(each) for each in kept])
    return DONE


async def restore(name: FreeText, /, *, session: CurrentSession) -> int:
    """Restore a backup of the configuration; the current configuration is backed up first.

    Args:
        name: Name of the backup, as listed by aniworld config backups.
        session: The run of the command.
    """
    editor = session.config()
    config = await editor.restore(name)
    if session.output.is_json:
        session.output.data(editor.shown(config))
    else:
        session.output.talk(tr("restored {name}", name=name))
    return DONE


async def _check_stored(session: CurrentSession) -> ConfigCheck:
    try:
        config = await session.config().read()
    except InvalidConfigError as error:
        return ConfigCheck(error.problems)
    return await session.config().check(document_from_config(config))


async def _check_file(file: Path, session: CurrentSession) -> ConfigCheck:
    try:
        text = (
            await anyio.to_thread.run_sync(read_standard_input)
            if str(file) == STDIN
            else await anyio.Path(file).read_text(encoding="utf-8")
        )
        document = read_json(text)
    except FileNotFoundError as error:
        raise NotFoundError(Message("no_such_input_file", path=str(file))) from error
    except OSError as error:
        raise UsageError(
            tr("cannot read {file}: {reason}", file=repr(str(file)), reason=os_reason(error))
        ) from error
    except (UnicodeDecodeError, NotJsonError) as error:
        return ConfigCheck((("", f"is not JSON: {error}"),))
    if not isinstance(document.value, Mapping):
        return ConfigCheck((("", "must be an object"),))
    return await session.config().check(document.value, document.faults)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return alternating names and values as pairs.

    Raises:
        UsageError: If the last name has no value.
    """
    if len(texts) % 2:
        raise UsageError(
            tr("{text} has no value", text=repr(texts[-1][:40])),
            hint="give a value after each name",
        )
    return dict(zip(texts[::2], texts[1::2], strict=True))


def _dotted(pointer: str) -> str:
    return ".".join(tokens_of(pointer))


def _print_all(config: Config, left_out: Sequence[Sequence[str]], session: CurrentSession) -> None:
    """Print the settings, but not those at some paths of names."""
    document = without(session.config().shown(config), left_out)
    if session.output.is_json:
        session.output.data(document)
        return
    session.output.table(
        ("Setting", "Value"),
        [(name, _text(lookup(document, name))) for name in setting_names(document)],
    )


def _text(value: object) -> str:
    """Format a value the way `config set` accepts it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(element, str) for element in value):
        return ",".join(value)
    return json.dumps(value, ensure_ascii=False)


def _row(info: BackupInfo) -> tuple[str, str, str]:
    return info.name, info.created_at, str(info.size)
