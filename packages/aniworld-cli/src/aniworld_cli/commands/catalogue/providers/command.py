"""`aniworld providers` and `aniworld providers replay`."""

from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from cyclopts import App

from aniworld_cli.commands.catalogue.providers.views import Finding, ScoreView, ask_catalogues
from aniworld_cli.commands.help_texts import example_text
from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.rendering.formats import rate_text
from aniworld_cli.rendering.texts import said, tr
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.domain.media import parse_language

app: Final = App(
    name="providers",
    help="List installed providers and test whether they answer.",
    help_epilogue=example_text("providers"),
)


class Replayed(Protocol):
    """Result of a replay; an attrs value.

    Attributes:
        recorded: Result of the adapter when the capsule was recorded.
        replayed: Result of the adapter now.
        is_same: Whether both are equal.
        files: Files that were written.
    """

    provider: str
    operation: str
    recorded: str
    replayed: str
    is_same: bool
    files: tuple[str, ...]


class Replay(Protocol):
    """Interface of the adapter `replay` in the group `aniworld.capsule`."""

    def __call__(self, capsule: Path, *, write_test: Path | None) -> Awaitable[Replayed]:
        """Run the adapter again on the contents of a capsule, without network access."""


@app.default
async def providers(*, scores: bool = False, session: CurrentSession) -> int:
    """List installed providers and test whether they answer.

    Args:
        scores: Show the success rates of hosters instead; send no requests.
        session: The run of the command.
    """
    if scores:
        return await _scores(session)
    async with session.application() as application:
        findings = await ask_catalogues(application)
    if session.output.is_json:
        session.output.view([finding.view for finding in findings])
    else:
        session.output.table(
            ("Name", "Kind", "Site", "Status", "Detail"), [_row(finding) for finding in findings]
        )
    return DONE


@app.command(help_epilogue=example_text("providers replay"))
async def replay(
    capsule: Path, /, *, write_test: Path | None = None, session: CurrentSession
) -> int:
    """Run an adapter again on a recorded failure, without network access.

    Exits with 0 if the result is the same as recorded, else with 1.

    Args:
        capsule: Path of the archive; the hint of the failure shows it.
        write_test: Write a regression test and its fixture into this folder.
        session: The run of the command.
    """
    run = cast("Replay", load_adapter("aniworld.capsule", "replay"))
    report = await run(capsule, write_test=write_test)
    output = session.output
    if output.is_json:
        output.view(report)
    else:
        output.facts(
            {
                "Provider": report.provider,
                "Operation": report.operation,
                "Recorded": report.recorded,
                "Replayed": report.replayed,
                "Outcome": tr("the same" if report.is_same else "another"),
                "Written": ", ".join(report.files),
            }
        )
    return DONE if report.is_same else SOME_FAILED


async def _scores(session: CurrentSession) -> int:
    async with session.bookkeeping() as application:
        views = [ScoreView.about(score) for score in await application.scores.find()]
    if session.output.is_json:
        session.output.view(views)
        return DONE
    if not views:
        session.output.talk("no scores yet: nothing was downloaded")
    session.output.table(
        ("Provider", "Hoster", "Language", "Good", "Tries", "Speed", "Last failure"),
        _score_rows(views, in_bits=session.output.in_bits),
    )
    return DONE


def _row(finding: Finding) -> tuple[str, ...]:
    view = finding.view
    # The error text may contain the link already.
    is_told = view.link is None or view.link in view.detail
    detail = said(view.detail)
    if not is_told:
        detail = tr("{detail}; open {link}", detail=detail, link=view.link)
    return view.name, tr(view.kind), view.site, tr(finding.state), detail


def _score_rows(views: Sequence[ScoreView], *, in_bits: bool) -> list[tuple[str, ...]]:
    return [
        (
            view.provider,
            view.hoster,
            parse_language(view.language).label if view.language else tr("any"),
            str(view.successes),
            str(view.tries),
            rate_text(view.speed_mbps * 1e6 / 8, in_bits=in_bits) if view.successes else "",
            f"{view.last_failure} ({view.last_failed_at})" if view.last_failure else "",
        )
        for view in views
    ]
