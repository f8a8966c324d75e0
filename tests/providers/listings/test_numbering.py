"""Numbers of entries: fixed once given, unique, within range."""

from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import ListOrder
from aniworld_core.domain.identity import MAX_EPISODE
from aniworld_providers.listings import Numbering, merge_entries
from aniworld_providers.ytdlp import ListedEntry

ENTRIES = st.lists(
    st.builds(
        lambda n, season, number, day: ListedEntry(
            id=f"x:{n}",
            url=f"https://site.invalid/{n}",
            season=season,
            number=number,
            published=day,
        ),
        st.integers(0, 30),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(1, 5),
        st.none() | st.sampled_from(["2023-01-02", "2024-03-04"]),
    ),
    unique_by=lambda entry: entry.id,
    max_size=20,
)
NUMBERINGS = st.builds(
    Numbering,
    uses_own=st.booleans(),
    by_year=st.booleans(),
    order=st.sampled_from(ListOrder),
    is_single=st.booleans(),
)


@given(
    first=ENTRIES, second=ENTRIES, numbering=NUMBERINGS, later=NUMBERINGS, is_whole=st.booleans()
)
def test_an_entry_keeps_its_place(
    first: list[ListedEntry],
    second: list[ListedEntry],
    numbering: Numbering,
    later: Numbering,
    is_whole: bool,
) -> None:
    """Each entry has a place of its own; no later listing and no later rule changes it."""
    before = merge_entries((), first, is_whole=True, numbering=numbering)
    after = merge_entries(before, second, is_whole=is_whole, numbering=later)

    places = {s.entry.id: (s.season, s.number) for s in after}
    assert len(set(places.values())) == len(places) == len({e.id for e in [*first, *second]})
    assert all(places[s.entry.id] == (s.season, s.number) for s in before)
    listed = {s.entry.id for s in after if s.is_listed}
    assert listed == {e.id for e in second} | (set() if is_whole else {e.id for e in first})


def test_more_entries_than_a_season_has_numbers() -> None:
    """A season has at most 9,999 episodes; the next season goes on."""
    entries = [ListedEntry(id=f"x:{n}", url="https://site.invalid/") for n in range(10_003)]
    merged = merge_entries((), entries, is_whole=True, numbering=Numbering())

    assert (merged[-1].season, merged[-1].number) == (2, 10_003 - MAX_EPISODE)
