"""`aniworld add`."""

from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession, wanted_language
from aniworld_core.application.library import AddedAnime


async def add(
    link_or_key: Annotated[str, Parameter(name="LINK|KEY")],
    /,
    *,
    provider: str | None = None,
    name: str | None = None,
    follow: bool = False,
    session: CurrentSession,
) -> int:
    """Add a series to the library.

    Args:
        link_or_key: Link of a series in an enabled catalogue, or its key.
        provider: Use only this catalogue.
        name: Name to use instead of the catalogue's.
        follow: Accept a redirect of the site to another key.
        session: The run of the command.
    """
    output = session.output
    async with session.catalogues() as app:
        addition = await app.series_addition.add(
            link_or_key, provider=provider, name=name, follow=follow
        )
        wanted = wanted_language(app, addition.series)
    series = addition.series
    if not addition.created:
        output.talk(f"{series.key} is already in the library")
    for notice in addition.notices:
        output.talk(str(notice))
    if addition.existing is not None:
        found = addition.existing
        output.talk(
            f"found {', '.join(found.folders)}: {found.episodes} episodes in {found.files} files"
            f" ({found.versions} further versions, {found.unsure} unsure, {found.extra} extra)"
        )
    if output.is_json:
        output.view(AddedAnime.after(addition, wanted))
        return DONE
    if addition.created:
        output.talk(f"added {series.name} with {len(series.episodes)} episodes")
    output.table(("Key", "Name", "Folder"), [(series.key, series.name, series.folder)])
    return DONE
