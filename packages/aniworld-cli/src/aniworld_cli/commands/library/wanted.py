"""`aniworld wanted`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.commands.downloads.choosing import parse_selections
from aniworld_cli.completing import FreeText, KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import AnimeDetail


async def wanted(
    key: KeyText,
    /,
    *episodes: Annotated[FreeText, Parameter(name="EPISODES")],
    is_unwanted: Annotated[bool, Parameter(name="--not", negative="")] = False,
    session: CurrentSession,
) -> int:
    """Mark episodes as wanted (monitored), or as not wanted with `--not`.

    Episodes that are not wanted never count as missing and are never queued by themselves.

    Args:
        key: Key of the series.
        episodes: Seasons, episodes or ranges such as S01, S01E02 or S01E03-E08; all if omitted.
        is_unwanted: Mark them as not wanted.
        session: The run it belongs to.
    """
    output = session.output
    chosen = parse_selections(episodes)
    async with session.bookkeeping() as app:
        series = await app.library_actions.set_wanted(
            await app.catalogue.key_of(key), chosen, wanted=not is_unwanted
        )
        detail = AnimeDetail.of(series, app.current_config.value.languages.order)
    if output.is_json:
        output.view(detail)
        return DONE
    what = ", ".join(map(str, chosen)) or tr("all episodes")
    output.talk(
        tr(
            "{what} of {name}: {state}",
            what=what,
            name=series.name,
            state=tr("not wanted") if is_unwanted else tr("wanted"),
        )
    )
    return DONE
