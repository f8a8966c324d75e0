"""`aniworld providers` and what belongs to it."""

from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from cyclopts import App

from aniworld_cli.commands.catalogue.providers.views import Finding, ScoreView, ask_providers
from aniworld_cli.exit_codes import DONE, SOME_FAILED
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.domain.media import parse_language

app: Final = App(name="providers", help="List installed providers and test whether they answer.")


class Replayed(Protocol):
    """What came of a replay; an attrs value.

    Attributes:
        recorded: What the adapter made of it then.
        replayed: What it makes of it now.
        is_same: Whether that is the same.
        files: What was written.
    """

    provider: str
    operation: str
    recorded: str
    replayed: str
    is_same: bool
    files: tuple[str, ...]


class Replay(Protocol):
    """The adapter `replay` of the group `aniworld.capsule`."""

    def __call__(self, capsule: Path, *, write_test: Path | None) -> Awaitable[Replayed]:
        """Run the adapter again on what a capsule holds, without any network."""


@app.default
async def providers(*, scores: bool = False, session: CurrentSession) -> int:
    """List installed providers and test whether they answer.

    Args:
        scores: Show the success rate of hosters instead; send no requests.
        session: The run it belongs to.
    """
    if scores:
        return await _scores(session)
    async with session.application() as application:
        findings = await ask_providers(application)
    if session.output.is_json:
        session.output.view([finding.view for finding in findings])
    else:
        session.output.table(
            ("Name", "Kind", "Site", "Status", "Detail"), [_row(finding) for finding in findings]
        )
    return DONE


@app.command
async def replay(
    capsule: Path, /, *, write_test: Path | None = None, session: CurrentSession
) -> int:
    """Run an adapter again on a kept failure, without any network.

    Ends 0 when the same comes of it, 1 when something else does.

    Args:
        capsule: The archive, as the failure's hint names it.
        write_test: Write it as a regression test with its fixture into this folder.
        session: The run it belongs to.
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
                "Outcome": "the same" if report.is_same else "another",
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
        session.output.talk("nothing was downloaded yet, so nothing is known about hosters")
    session.output.table(
        ("Provider", "Hoster", "Language", "Good", "Tries", "Mbit/s", "Last failure"),
        _score_rows(views),
    )
    return DONE


def _row(finding: Finding) -> tuple[str, ...]:
    view = finding.view
    # An error that names the link in its text need not say it twice.
    is_told = view.link is None or view.link in view.detail
    detail = view.detail if is_told else f"{view.detail}; open {view.link}"
    return view.name, view.kind, view.site, finding.state, detail


def _score_rows(views: Sequence[ScoreView]) -> list[tuple[str, ...]]:
    return [
        (
            view.provider,
            view.hoster,
            parse_language(view.language).label if view.language else "any",
            str(view.successes),
            str(view.tries),
            f"{view.speed_mbps:g}",
            f"{view.last_failure} ({view.last_failed_at})" if view.last_failure else "",
        )
        for view in views
    ]
