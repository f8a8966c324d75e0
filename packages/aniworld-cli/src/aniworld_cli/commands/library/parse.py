"""`aniworld parse`."""

import datetime
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

import anyio
import attrs
from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.formats import seasons_text
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.second_opinions import second_opinions
from aniworld_core.domain.library import (
    NameKind,
    NameRule,
    Numbers,
    ParsedName,
    SeasonSource,
    SequelMark,
    parse_file_name,
)
from aniworld_core.errors import UsageError
from aniworld_core.messages import MessageView, kind_field, values_field


@attrs.frozen(kw_only=True)
class OpinionView:
    """What another parser reads in a name; no episodes if it finds none."""

    parser: str
    season: int | None
    episodes: tuple[int, ...]

    @classmethod
    def of(cls, parser: str, numbers: Numbers | None) -> Self:
        """Return the opinion of a parser."""
        if numbers is None:
            return cls(parser=parser, season=None, episodes=())
        return cls(parser=parser, season=numbers.season, episodes=numbers.episodes)

    @property
    def text(self) -> str:
        """The opinion as a few characters."""
        return f"{self.parser}: {_code(self.season, self.episodes) or 'nothing'}"


@attrs.frozen(kw_only=True)
class NameView(MessageView):
    """How one file name is read.

    A name that is not understood says nothing but why. One in doubt has neither season nor
    episodes, but a reason and candidates.
    """

    name: str
    title: str | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    version: int | None = None
    special: bool | None = None
    language: str | None = None
    why: str
    why_kind: str | None = kind_field("why")
    sure: bool
    kind: NameKind
    rule: NameRule
    mark: str | None = None
    absolutes: tuple[int, ...] = ()
    season_from: SeasonSource | None = None
    sequel: SequelMark | None = None
    date: datetime.date | None = None
    fraction: float | None = None
    episode_title: str | None = None
    removed: str | None = None
    span: tuple[int, int] | None = None
    doubt: str | None = None
    doubt_kind: str | None = kind_field("doubt")
    doubt_values: dict[str, Any] = values_field("doubt")
    candidates: tuple[Numbers, ...] = ()
    opinions: tuple[OpinionView, ...] = ()

    @classmethod
    def of(cls, name: str, found: ParsedName, opinions: Mapping[str, Numbers | None]) -> Self:
        """Return a reading for people."""
        is_read = found.rule is not NameRule.NONE
        return cls(
            name=name,
            title=(found.title or None) if is_read else None,
            season=found.season,
            episodes=found.episodes,
            absolute=found.absolute[0] if found.absolute else None,
            version=found.version if is_read else None,
            special=found.is_special if is_read else None,
            language=found.language.code if found.language else None,
            why=found.why,
            sure=found.is_sure,
            kind=found.kind,
            rule=found.rule,
            mark=found.mark or None,
            absolutes=found.absolute,
            season_from=found.season_from,
            sequel=found.sequel,
            date=found.date,
            fraction=found.fraction,
            episode_title=found.episode_title or None,
            removed=found.removed or None,
            span=found.span if is_read and found.span != (0, 0) else None,
            doubt=found.doubt,
            candidates=found.candidates,
            opinions=tuple(OpinionView.of(*opinion) for opinion in opinions.items()),
        )

    @property
    def code(self) -> str:
        """What it is, in a few characters."""
        if self.doubt is not None:
            return "unsure"
        code = _code(self.season, self.episodes)
        if code or self.kind in {NameKind.EPISODE, NameKind.UNKNOWN}:
            return code or str(self.date or "")
        return self.kind

    @property
    def explanation(self) -> str:
        """The rule that decided, the doubt, and what was removed as title."""
        parts = [self.why]
        if self.doubt is not None:
            choices = " or ".join(c.text for c in self.candidates if c.episodes)
            parts.append(f"unsure: {self.doubt}" + (f" (perhaps {choices})" if choices else ""))
        if self.removed is not None:
            parts.append(f"title: {self.removed}")
        return "; ".join(parts)


async def parse(
    *names: Annotated[str, Parameter(name="NAME")],
    title: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    session: CurrentSession,
) -> int:
    """Explain how file names are read.

    Args:
        names: File names, with the folders before them if wanted; read from stdin, one per
            line, if omitted.
        title: A title of the series, as the library knows it; may be repeated for other
            languages. It is removed before numbers are looked for.
        session: The run it belongs to.
    """
    views = [await _view(name, title) for name in names or await _piped_names()]
    if session.output.is_json:
        session.output.view(views)
        return DONE
    has_opinions = any(view.opinions for view in views)
    heads = ("Name", "Title", "Episode", "Absolute", "Version", "Language", "Why")
    session.output.table(
        (*heads, "Second opinion") if has_opinions else heads,
        [
            (
                view.name,
                view.title or "",
                view.code,
                "" if view.absolute is None else str(view.absolute),
                "" if view.version is None else f"v{view.version}",
                view.language or "",
                view.explanation,
                *([", ".join(o.text for o in view.opinions)] if has_opinions else []),
            )
            for view in views
        ],
    )
    return DONE


async def _view(name: str, titles: tuple[str, ...]) -> NameView:
    found = parse_file_name(name, titles=titles)
    # A sure reading needs no second opinion, which takes a thousand times as long.
    opinions = {} if found.is_sure else await second_opinions(name)
    return NameView.of(name, found, opinions)


def _code(season: int | None, episodes: Sequence[int]) -> str:
    if not episodes:
        return ""
    if season is None:
        return Numbers(None, tuple(episodes)).text
    return seasons_text({season: episodes})


async def _piped_names() -> Sequence[str]:
    if sys.stdin.isatty():
        raise UsageError("give at least one file name", hint="aniworld parse NAME...")
    raw = await anyio.to_thread.run_sync(sys.stdin.read)
    return [line for line in raw.splitlines() if line.strip()]
