"""`aniworld search`."""

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.completing import no_values
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.silent import telling_silent
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.catalogue import SearchHitView
from aniworld_core.domain.catalogue import SeriesMatch
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError, UsageError


async def search(
    query: Annotated[list[str], Parameter(completer=no_values)],
    /,
    *,
    provider: str | None = None,
    session: CurrentSession,
) -> int:
    """Search the catalogues.

    Args:
        query: Text to search for.
        provider: Query only this catalogue.
        session: The run of the command.
    """
    text = " ".join(query).strip()
    if not text:
        raise UsageError("the search text is empty", hint="aniworld search QUERY")
    failed: set[str] = set()
    async with session.catalogues() as app:
        with telling_silent(session.output) as note:

            def on_failure(name: str, error: AniworldError) -> None:
                failed.add(name)
                note(name, error)

            hits = await app.catalogue.search(text, provider=provider, on_failure=on_failure)
        known = await app.library_actions.catalogue_keys()
    if session.output.is_json:
        session.output.view([SearchHitView.of(hit, known) for hit in hits])
        return DONE
    if not hits:
        # The series may be in a catalogue that did not answer.
        session.output.talk(
            "nothing found in the catalogues that answered" if failed else "nothing found"
        )
    session.output.table(("Key", "Name", "Site", "Link"), [_row(hit, known) for hit in hits])
    return DONE


def _row(hit: SeriesMatch, known: Mapping[tuple[str, str], SeriesKey]) -> tuple[str, str, str, str]:
    name = f"{hit.name} ({hit.year})" if hit.year else hit.name
    mark = f" [{tr('in library')}]" if (hit.provider, hit.key) in known else ""
    return known.get((hit.provider, hit.key), hit.key), f"{name}{mark}", hit.site, hit.link
