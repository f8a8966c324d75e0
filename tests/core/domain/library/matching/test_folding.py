"""Folding of titles for comparison."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.library.matching import same_title, split_title, title_keys

_TITLES = st.text(
    st.sampled_from("abcdeouäöüßōūéñ ガ漢字０12'.-_:!&"), min_size=1, max_size=24
).filter(lambda text: bool(title_keys(text)))


@pytest.mark.parametrize(
    "spellings",
    [
        ("Für Elise", "Fuer Elise", "Fur Elise", "FÜR ELISE", "Fu\u0308r Elise"),
        ("Kōya", "Kouya"),
        ("Kōya", "Koya"),
        ("Shōjo Kageki", "Shojo Kageki", "Shoujo Kageki"),
        ("The Alpha", "Alpha", "Alpha, The", "Der Alpha", "A Alpha"),
        ("Re:Zero", "Re Zero", "Re.Zero", "Re_Zero", "Re-Zero"),
        ("Magnum P.I.", "Magnum P.I", "Magnum PI"),
        ("Straße", "Strasse", "STRASSE"),
        ("Spice & Wolf", "Spice and Wolf", "Spice und Wolf"),
        ("Hell's Gate", "Hells Gate", "Hell’s Gate"),
        ("½ Prince", "1/2 Prince"),
        ("Café", "Cafe", "Cafe\u0301"),
    ],
)
def test_spellings_of_one_title(spellings: tuple[str, ...]) -> None:
    """Every spelling equals every other one."""
    assert [(a, b) for a in spellings for b in spellings if not same_title(a, b)] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Alpha", "Alpha II"),
        ("Alpha", "Alpha 2"),
        ("Alpha", "Alphas"),
        ("Alpha 1 2", "Alpha 12"),
        ("Blu", "Blue"),
        ("ガ", "カ"),
        ("K", "K-On!"),
        ("Die", "Das"),
    ],
)
def test_different_titles(first: str, second: str) -> None:
    """Sequels, other words and other letters stay different."""
    assert not same_title(first, second)


@given(_TITLES)
def test_spelling_does_not_matter(title: str) -> None:
    """Case, Unicode form, separators and written-out umlauts give an equal title."""
    written = title
    for plain, spelt in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        written = written.replace(plain, spelt)
    for other in (
        title.upper(),
        unicodedata.normalize("NFD", title),
        title.replace(" ", "."),
        title.replace(" ", "_"),
        f" {title}... ",
        written,
    ):
        assert same_title(title, other), other


@given(_TITLES, _TITLES)
def test_comparison_is_symmetric(first: str, second: str) -> None:
    """The order of the titles does not matter."""
    assert same_title(first, second) == same_title(second, first)
    assert same_title(first, first)


@pytest.mark.parametrize(
    ("title", "year", "expected"),
    [
        ("Alpha (2011)", None, ("Alpha", 2011)),
        ("Alpha (2011)", 2012, ("Alpha", 2012)),
        ("Alpha (2011) Beta", None, ("Alpha (2011) Beta", None)),
        ("(2011)", None, ("(2011)", None)),
        ("Alpha", 2012, ("Alpha", 2012)),
    ],
)
def test_the_year_of_a_title(
    title: str, year: int | None, expected: tuple[str, int | None]
) -> None:
    """Only a year in brackets behind a title is its year; a known year has precedence."""
    assert split_title(title, year) == expected
