"""Filters of lists: which entries they take, and why the others are left out."""

import time
from datetime import date

import attrs
import pytest
from hypothesis import given

from aniworld_core.domain.catalogue import (
    LeftOut,
    ListRules,
    choose_entries,
    rules_from_json,
    rules_to_json,
)
from aniworld_core.errors import InvalidFieldsError
from aniworld_core.testing import strategies


@attrs.frozen(kw_only=True)
class Entry:
    """An entry of a list."""

    title: str = "Folge 1"
    published: str | None = "2024-06-15"
    duration: float | None = 600.0
    is_live: bool = False
    is_short: bool = False


@pytest.mark.parametrize(
    ("pattern", "title", "matches"),
    [
        ("folge", "Die FOLGE 3", True),
        ("straße", "Die STRASSE", True),
        ("Folge *: Meer", "Folge 12: Meer", True),
        ("Folge *: Meer", "Folge 12 - Meer", False),
        ("a*b*a", "aba", True),
        ("a*b*a", "ab", False),
        ("aa*aa", "aaa", False),
        ("Was?", "Was ist das?", False),
        ("*", "", True),
        ("[1].+(x", "Teil [1].+(x)", True),
        ("[1]", "Teil 1", False),
        ("u\u0308ber", "Über uns", True),
        ("🎉 שלום", "Fest 🎉 שלום!", True),
    ],
)
def test_a_pattern_is_part_of_a_title(pattern: str, title: str, matches: bool) -> None:
    """Case and Unicode form do not matter; only `*` has a meaning."""
    entry = Entry(title=title)
    assert choose_entries([entry], ListRules(include=(pattern,)))[0] == [entry] * matches
    assert choose_entries([entry], ListRules(exclude=(pattern,)))[0] == [entry] * (not matches)


@pytest.mark.parametrize(
    ("rules", "entry", "cause"),
    [
        (ListRules(include=("x",)), Entry(), LeftOut.TITLE),
        (ListRules(include=("x", "folge")), Entry(), None),
        (ListRules(include=("folge",), exclude=("1",)), Entry(), LeftOut.TITLE),
        (ListRules(published_from=date(2024, 6, 15)), Entry(), None),
        (ListRules(published_until=date(2024, 6, 15)), Entry(published="2024-06-15T23:59Z"), None),
        (ListRules(published_from=date(2024, 6, 16)), Entry(), LeftOut.DATE),
        (ListRules(published_until=date(2024, 6, 14)), Entry(), LeftOut.DATE),
        (ListRules(published_until=date(2024, 6, 14)), Entry(published=None), LeftOut.NO_DATE),
        (ListRules(min_seconds=600, max_seconds=600), Entry(), None),
        (ListRules(min_seconds=601), Entry(), LeftOut.DURATION),
        (ListRules(max_seconds=599), Entry(), LeftOut.DURATION),
        (ListRules(max_seconds=599), Entry(duration=None), LeftOut.NO_DURATION),
        (ListRules(live=False), Entry(is_live=True), LeftOut.LIVE),
        (ListRules(), Entry(is_live=True, is_short=True), None),
        (ListRules(shorts=False), Entry(is_short=True), LeftOut.SHORT),
        (ListRules(), Entry(title="", published=None, duration=None), None),
    ],
)
def test_each_filter_names_what_it_leaves_out(
    rules: ListRules, entry: Entry, cause: LeftOut | None
) -> None:
    """Limits are inclusive; an entry without the filtered fact is left out and counted apart."""
    taken, counts = choose_entries([entry], rules)
    assert taken == ([entry] if cause is None else [])
    assert counts == ({} if cause is None else {cause: 1})


def test_the_newest_entries_are_those_after_the_other_filters() -> None:
    """They are the latest by date; without dates the last ones."""
    dated = [Entry(title=day, published=day) for day in ("2024-02-01", "2024-03-01", "2024-01-01")]
    short = Entry(title="2025-01-01", published="2025-01-01", is_short=True)
    rules = ListRules(newest=2, shorts=False)
    assert choose_entries([*dated, short], rules) == (
        dated[:2],
        {LeftOut.SHORT: 1, LeftOut.NEWEST: 1},
    )
    undated = [attrs.evolve(entry, published=None) for entry in dated]
    assert choose_entries(undated, rules)[0] == undated[1:]


def test_matching_takes_linear_time() -> None:
    """Patterns that regular expressions match in exponential time are fast."""
    started = time.monotonic()
    entries = [Entry(title="a" * 300)] * 1000
    taken, _ = choose_entries(entries, ListRules(include=("a*" * 99 + "b", "*a" * 99 + "*b")))
    assert taken == []
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"include": (" ",)}, "/include/0"),
        ({"exclude": ("x", "y" * 201)}, "/exclude/1"),
        ({"include": ("x",) * 51}, "/include"),
        ({"published_from": date(2024, 2, 1), "published_until": date(2024, 1, 1)}, None),
        ({"min_seconds": 60, "max_seconds": 59}, "/max_seconds"),
        ({"min_seconds": -1}, "/min_seconds"),
        ({"max_seconds": 0}, "/max_seconds"),
        ({"newest": 0}, "/newest"),
        ({"newest": 100_001}, "/newest"),
    ],
)
def test_rules_that_take_nothing_are_refused(values: dict[str, object], place: str | None) -> None:
    """The error names the field."""
    with pytest.raises(InvalidFieldsError) as caught:
        ListRules(**values)  # type: ignore[arg-type]
    assert caught.value.problems[0][0] == (place or "/published_until")


@given(rules=strategies.list_rules)
def test_rules_survive_json(rules: ListRules) -> None:
    """They are stored as JSON and read again without a loss."""
    assert rules_from_json(rules_to_json(rules)) == rules
