"""`aniworld list`."""

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.formats import seasons_text
from aniworld_cli.session import CurrentSession
from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery


async def list_series(*, missing: bool = False, session: CurrentSession) -> int:
    """List the series of the library.

    Args:
        missing: List only series with missing episodes.
        session: The run of the command.
    """
    query = SeriesQuery(filter=SeriesFilter.MISSING if missing else SeriesFilter.ALL)
    async with session.bookkeeping() as app:
        if session.output.is_json:
            session.output.view((await app.overview.find(query)).items)
            return DONE
        page = await app.catalogue.list(query)
    if not page.items:
        session.output.talk("nothing is missing" if missing else "the library is empty")
    session.output.table(
        ("Key", "Name", "Have", "Missing"),
        [(s.key, s.name, f"{s.have}/{s.total}", seasons_text(s.missing)) for s in page.items],
    )
    return DONE
