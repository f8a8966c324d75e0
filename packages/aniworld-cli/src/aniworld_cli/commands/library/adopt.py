"""`aniworld adopt`."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import (
    AdoptableFolder,
    AdoptableView,
    AdoptedView,
    AdoptionReport,
    AdoptionReportView,
    Proposal,
)
from aniworld_core.errors import UsageError


async def adopt(
    folder: Annotated[str | None, Parameter(name="FOLDER")] = None,
    /,
    *,
    key: Annotated[str | None, Parameter(name="--as")] = None,
    provider: str | None = None,
    is_list: Annotated[bool, Parameter(name="--list", negative="")] = False,
    search: Annotated[bool, Parameter(negative="")] = False,
    all_sure: Annotated[bool, Parameter(negative="")] = False,
    session: CurrentSession,
) -> int:
    """List folders that belong to no series, or give them to series.

    No file is moved or renamed. A series that is not in the library yet is added.

    Args:
        folder: A folder of the list; without --as, only its proposals are shown.
        key: Key of a series of the library, or key or link of a series of a catalogue.
        provider: Catalogue to ask for the key.
        is_list: Only list the folders; this is the default.
        search: Search the catalogues for series with the titles of the folders.
        all_sure: Adopt every folder with exactly one series of the same title and year.
        session: The run it belongs to.
    """
    if key is not None and folder is None:
        raise UsageError("--as needs a folder: aniworld adopt FOLDER --as KEY")
    if all_sure and (folder or is_list):
        raise UsageError("--all-sure takes neither a folder nor --list")
    output = session.output
    async with session.catalogues() as app:
        if all_sure:
            return _show_report(await app.adoption.adopt_sure(), output)
        if folder is not None and key is not None and not is_list:
            adopted = await app.adoption.adopt(folder, key, provider=provider)
            report = AdoptionReport(adopted=(adopted,), failures={})
            if output.is_json:
                output.view(AdoptedView.of(adopted))
                return DONE
            return _show_report(report, output)
        found = await app.adoptable.find(search=search, folder=folder)
    _show_list(found, output)
    return DONE


def _show_report(report: AdoptionReport, output: Output) -> int:
    for folder, error in report.failures.items():
        output.talk(
            tr("{folder} was not adopted: {error}", folder=str(folder), error=error.message)
        )
    if output.is_json:
        output.view(AdoptionReportView.of(report))
    else:
        output.table(
            ("Folder", "Key", "Episodes", "Files"),
            [
                (a.folder, a.series.key, str(a.existing.episodes), str(a.existing.files))
                for a in report.adopted
            ],
        )
    return SOME_FAILED if report.failures else DONE


def _show_list(folders: Sequence[AdoptableFolder], output: Output) -> None:
    if output.is_json:
        output.view([AdoptableView.of(folder) for folder in folders])
        return
    failures = {name: reason for folder in folders for name, reason in folder.failures.items()}
    for name, reason in failures.items():
        output.talk(tr("{name} could not be searched: {reason}", name=name, reason=reason))
    if not folders:
        output.talk("every folder belongs to a series")
    output.table(
        ("Folder", "Files", "Title", "Year", "Proposals"),
        [
            (f.folder, str(f.files), f.title, str(f.year or ""), ", ".join(map(_text, f.proposals)))
            for f in folders
        ],
    )


def _text(proposal: Proposal) -> str:
    return f"{proposal.key} ({proposal.confidence})"
