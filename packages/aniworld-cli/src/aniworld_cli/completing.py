"""Values that the shell offers on Tab: the scripts of `--install-completion` ask this program."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import anyio
from cyclopts import Parameter

from aniworld_cli.rendering.output import Output

if TYPE_CHECKING:
    from cyclopts.completion import CompletionContext

    from aniworld_cli.session import Session


def stored_keys(context: "CompletionContext") -> Mapping[str, str]:
    """Return the keys of the library with the names of their series."""
    session = _session(context)
    # Tab must not create a data folder.
    if not session.settings().data_dir.is_dir():
        return {}

    async def read() -> Mapping[str, str]:
        async with session.bookkeeping() as app:
            return {each.key: each.name for each in (await app.catalogue.list()).items}

    return anyio.run(read)


def stored_settings(context: "CompletionContext") -> list[str]:
    """Return the dotted names of all settings."""
    from aniworld_core.application.configuration import setting_names

    editor = _session(context).config()
    return list(setting_names(editor.shown(anyio.run(editor.read))))


def stored_items(context: "CompletionContext") -> Mapping[str, str]:
    """Return the short ids of the items of the queue with their episodes."""
    session = _session(context)
    if not session.settings().data_dir.is_dir():
        return {}

    async def read() -> Mapping[str, str]:
        from aniworld_core.domain.downloads import ItemQuery

        async with session.bookkeeping() as app:
            found = (await app.queue_reader.page(ItemQuery())).items
            return {e.item.id[:8]: f"{e.series_name} {e.item.episode.code}" for e in found}

    return anyio.run(read)


def periodic_tasks(_context: "CompletionContext") -> list[str]:
    """Return the names of the tasks that can be run."""
    from aniworld_core.domain.automation import PERIODIC

    return sorted(name.value for name in PERIODIC)


def no_values(_context: "CompletionContext") -> list[str]:
    """Return nothing, so that no shell offers file names."""
    return []


def _session(context: "CompletionContext") -> "Session":
    from aniworld_cli.session import Session

    given = context.get("--data-dir")
    folder = given.raw if given is not None else None
    return Session(
        output=Output(verbosity=-1), data_dir=Path(folder).expanduser() if folder else None
    )


#: Key of a series of the library, or the start of one.
KeyText: TypeAlias = Annotated[str, Parameter(completer=stored_keys)]
#: Text that is neither a path nor listed anywhere.
FreeText: TypeAlias = Annotated[str, Parameter(completer=no_values)]
#: Dotted name of a setting.
SettingName: TypeAlias = Annotated[str, Parameter(completer=stored_settings)]
