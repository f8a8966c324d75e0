"""`aniworld add`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import anyio
from cyclopts import Parameter

from aniworld_cli.commands.downloads.list_rules import RuleOptions, Rules
from aniworld_cli.completing import FreeText
from aniworld_cli.exit_codes import DONE, code_of_several
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_cli.standard_input import STDIN, read_standard_input
from aniworld_core.application.catalogue import MAX_LINKS, Addition, add_links, links_in
from aniworld_core.application.library import AddedAnime, LinkResultView
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.errors import AniworldError, UsageError
from aniworld_core.messages import os_reason


async def add(
    *links: Annotated[FreeText, Parameter(name="LINK|KEY")],
    file: Path | None = None,
    provider: str | None = None,
    name: str | None = None,
    follow: bool = False,
    rules: Rules = RuleOptions(),  # noqa: B008 - frozen
    session: CurrentSession,
) -> int:
    """Add series to the library.

    Args:
        links: Link of a series in an enabled catalogue, or its key; - reads links from stdin.
            Any other link of a channel, playlist or video is read with yt-dlp.
        file: Read links from this file, one per line; # starts a comment. - reads stdin.
        provider: Use only this catalogue.
        name: Name to use instead of the catalogue's; only for one link.
        follow: Accept a redirect of the site to another key.
        rules: Filters and numbering of a new channel, playlist or feed; only for one link.
        session: The run of the command.
    """
    wanted = await _all_links(links, file)
    is_list = file is not None or len(links) > 1 or STDIN in links
    if name is not None and is_list:
        raise UsageError("--name needs a single link")
    list_rules = rules.applied_to(None)
    if list_rules is not None and is_list:
        raise UsageError("filters and numbering need a single link")
    output = session.output
    async with session.catalogues() as app:
        if is_list:
            return await add_several(app, wanted, provider, output, follow=follow)
        addition = await app.series_addition.add(
            wanted[0], provider=provider, name=name, follow=follow, rules=list_rules
        )
        order = app.current_config.value.languages.order
    _tell(addition, output)
    if output.is_json:
        output.view(AddedAnime.after(addition, order))
        return DONE
    series = addition.series
    output.table(("Key", "Name", "Folder"), [(series.key, series.name, series.folder)])
    return DONE


async def _all_links(given: Sequence[str], file: Path | None) -> Sequence[str]:
    """Return the links of the command line, then those of the file.

    Raises:
        UsageError: If there is none, there are too many, or the file cannot be read.
    """
    places = [*given, *([str(file)] if file is not None else [])]
    if places.count(STDIN) > 1:
        raise UsageError("stdin can be read only once")
    found = [link for link in given if link != STDIN]
    if STDIN in places:
        found += links_in(await anyio.to_thread.run_sync(read_standard_input))
    elif file is not None:
        found += links_in(await _read(file))
    if not found:
        raise UsageError("give at least one link or key", hint="aniworld add LINK...")
    if len(found) > MAX_LINKS:
        raise UsageError(
            tr(
                "there are {n:# link|# links}; at most {most} are possible",
                n=len(found),
                most=MAX_LINKS,
            )
        )
    return list(dict.fromkeys(found))


async def _read(file: Path) -> str:
    try:
        return await anyio.Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            tr("cannot read {file}: {reason}", file=str(file), reason=os_reason(error))
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(tr("cannot read {file}: it is not UTF-8 text", file=str(file))) from error


async def add_several(
    app: Application, links: Sequence[str], provider: str | None, output: Output, *, follow: bool
) -> int:
    """Add the series of all links, print the result of each, and return the exit code."""
    views: list[LinkResultView] = []
    errors: list[AniworldError | None] = []
    order = app.current_config.value.languages.order
    async for result in add_links(app.series_addition, links, provider=provider, follow=follow):
        errors.append(result.error)
        if result.addition is not None:
            _tell(result.addition, output)
        else:
            output.warn(
                tr("not added: {error}", error=result.error.message if result.error else "")
            )
        views.append(LinkResultView.of(result, order))
    if output.is_json:
        output.documents(results=views)
    else:
        added = [view.anime for view in views if view.anime is not None]
        rows = [(view.key, view.name, view.folder) for view in added]
        output.table(("Key", "Name", "Folder"), rows)
    failed = [error for error in errors if error is not None]
    if failed and len(errors) > 1:
        output.failure(
            tr(
                "{failed} of {total:# link|# links} were not added",
                failed=len(failed),
                total=len(errors),
            ),
            kind="some_failed",
        )
    return code_of_several(errors)


def _tell(addition: Addition, output: Output) -> None:
    series = addition.series
    if not addition.created:
        output.talk(tr("{key} is already in the library", key=series.key))
    for notice in addition.notices:
        output.talk(str(notice))
    if addition.existing is not None:
        found = addition.existing
        output.talk(
            tr(
                "found {folders}: {episodes:# episode|# episodes} in {files:# file|# files}"
                " ({versions:# further version|# further versions}, {unsure} unsure,"
                " {extra} extra)",
                folders=list(found.folders),
                episodes=found.episodes,
                files=found.files,
                versions=found.versions,
                unsure=found.unsure,
                extra=found.extra,
            )
        )
    if addition.created and not output.is_json:
        output.talk(
            tr(
                "added {name} with {n:# episode|# episodes}",
                name=series.name,
                n=len(series.episodes),
            )
        )
