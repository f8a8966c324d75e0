"""`aniworld history`."""

import anyio
import pytest

from aniworld_core.domain.automation import Actor, ActorKind, HistoryEntry, HistoryKind
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.factories import START, make_series
from support.console import Console


def _entry(kind: HistoryKind, key: str) -> HistoryEntry:
    return HistoryEntry(
        kind=kind, at=START, by=Actor(ActorKind.COMMAND), title=key, key=SeriesKey(key)
    )


@pytest.mark.parametrize(
    ("options", "listed"),
    [
        ((), ["moss", "moss-two", "moss"]),
        (("--kind", "added"), ["moss-two", "moss"]),
        (("--kind", "removed", "--kind", "added", "--limit", "1"), ["moss"]),
        (("--search", "TWO"), ["moss-two"]),
        (("--key", "moss"), ["moss", "moss"]),
        (("--key", "moss-t"), ["moss-two"]),
        (("--changes",), []),
        (("--changes", "--kind", "added"), []),
        (("--changes", "--kind", "added", "--kind", "changed"), []),
    ],
)
def test_it_lists_what_is_asked_for(
    console: Console, options: tuple[str, ...], listed: list[str]
) -> None:
    """A removed series is found by its key, not mistaken for one whose key starts alike."""
    anyio.run(console.storage.series.add, make_series("moss-two"))
    entries = [
        _entry(HistoryKind.ADDED, "moss"),
        _entry(HistoryKind.ADDED, "moss-two"),
        _entry(HistoryKind.REMOVED, "moss"),
    ]
    anyio.run(console.storage.history.add, entries)

    answer = console("history", *options)

    assert answer.code == 0
    assert [line.split("\t")[3] for line in answer.out.splitlines()] == listed


def test_an_unknown_series_is_not_found(console: Console) -> None:
    """Neither the history nor the library has it."""
    assert console("history", "--key", "fern").code == 3


def test_the_words_of_the_history_are_german(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kinds, people and results are in the language of the reader; JSON is not."""
    console("add", "lanterns")
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "de")

    (row,) = console("history").rows

    assert row[2:5] == ["Serie hinzugefügt", "Laternen", "Befehl"]
    assert console("history", "--json").json[0]["kind"] == "added"
    states = {row[2] for row in console("show", "lanterns").rows if row[0].startswith("S0")}
    assert states == {"fehlt", "angekündigt"}
