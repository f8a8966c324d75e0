"""`aniworld browse`."""

from typing import Literal

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.silent import telling_silent
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.catalogue import BrowseEntryView
from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import parse_language


async def browse(
    browse_list: Literal["popular", "new", "calendar"] = "popular",
    /,
    *,
    provider: str | None = None,
    session: CurrentSession,
) -> int:
    """List popular series, new episodes or the calendar of the catalogues.

    Args:
        browse_list: List to show.
        provider: Query only this catalogue.
        session: The run of the command.
    """
    async with session.catalogues() as app:
        with telling_silent(session.output) as note:
            entries = await app.catalogue.browse(
                BrowseListName(browse_list), provider=provider, on_failure=note
            )
        library = await app.library_actions.catalogue_keys()
    views = [BrowseEntryView.of(entry, library) for entry in entries]
    if session.output.is_json:
        session.output.view(views)
        return DONE
    if not views:
        session.output.talk("the list is empty at the moment")
    session.output.table(
        ("Key", "Name", "When", "Episode", "Languages", "Link"), [_row(view) for view in views]
    )
    return DONE


def _row(view: BrowseEntryView) -> tuple[str, ...]:
    name = f"{view.name} ({view.year})" if view.year else view.name
    mark = f" [{tr('in library')}]" if view.in_library else ""
    spoken = ", ".join(parse_language(code).label for code in view.languages or ())
    # Times are exact to the minute at most.
    when = f"{view.at[:16]}Z" if view.at else view.date or ""
    return view.key, f"{name}{mark}", when, view.code or "", spoken, view.link
