"""`aniworld parse`."""

import sys
from collections.abc import Sequence
from typing import Annotated, Self

import anyio
import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.formats import seasons_text
from aniworld_cli.session import CurrentSession
from aniworld_core.domain.library import parse_episode_file_name
from aniworld_core.errors import UsageError

NOT_UNDERSTOOD = "nothing in it names an episode"


@attrs.frozen(kw_only=True)
class NameView:
    """How one file name is read; a name that is not understood says nothing but why."""

    name: str
    title: str | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    version: int | None = None
    special: bool | None = None
    language: str | None = None
    why: str = NOT_UNDERSTOOD

    @classmethod
    def of(cls, name: str) -> Self:
        """Read a file name, with the folders before it if there are any."""
        found = parse_episode_file_name(name)
        if found is None:
            return cls(name=name)
        return cls(
            name=name,
            title=found.title or None,
            season=found.season,
            episodes=found.episodes,
            absolute=found.absolute,
            version=found.version,
            special=found.special,
            language=found.language.code if found.language else None,
            why=found.why,
        )

    @property
    def code(self) -> str:
        """What it is, in a few characters."""
        if self.season is not None and self.episodes:
            return seasons_text({self.season: self.episodes})
        if self.episodes:
            return f"E{self.episodes[0]:02}"
        return "special" if self.special else ""


async def parse(*names: Annotated[str, Parameter(name="NAME")], session: CurrentSession) -> int:
    """Explain how file names are read.

    Args:
        names: File names, with the folders before them if wanted; read from stdin, one per
            line, when left out.
        session: The run it belongs to.
    """
    views = [NameView.of(name) for name in names or await _piped_names()]
    if session.output.is_json:
        session.output.view(views)
        return DONE
    session.output.table(
        ("Name", "Title", "Episode", "Absolute", "Version", "Language", "Why"),
        [
            (
                view.name,
                view.title or "",
                view.code,
                "" if view.absolute is None else str(view.absolute),
                "" if view.version is None else f"v{view.version}",
                view.language or "",
                view.why,
            )
            for view in views
        ],
    )
    return DONE


async def _piped_names() -> Sequence[str]:
    if sys.stdin.isatty():
        raise UsageError("name at least one file", hint="aniworld parse NAME...")
    raw = await anyio.to_thread.run_sync(sys.stdin.read)
    return [line for line in raw.splitlines() if line.strip()]
