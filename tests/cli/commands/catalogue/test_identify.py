"""`aniworld identify`."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from support.console import Console
from support.sites.metadata import MetadataSite, make_media, make_show, open_metadata_site


@pytest.fixture
def site() -> Iterator[MetadataSite]:
    """Run both sites beside the commands."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_metadata_site()) as site,
    ):
        yield site


def _library(console: Console, site: MetadataSite) -> None:
    for name in ("anilist", "tvmaze"):
        console("config", "set", f"providers.{name}.base_url", site.url)
    console("add", "lanterns")


def test_a_person_chooses_between_two_entries(console: Console, site: MetadataSite) -> None:
    """Two entries with the same title are candidates; the chosen one gives ids and aliases."""
    _library(console, site)
    name = console("show", "lanterns", "--json").json["name"]
    site.media = [make_media(1, name), make_media(2, name)]

    unsure = console("identify", "lanterns", "--json")
    assert unsure.code == 1
    first = unsure.json["sources"][0]
    assert (first["source"], first["state"], first["entry"]) == ("anilist", "unsure", None)
    assert {c["id"] for c in first["candidates"]} == {"anilist:1", "anilist:2"}

    chosen = console("identify", "lanterns", "--as", "anilist:2", "--json")
    assert chosen.code == 0
    assert chosen.json["sources"][0]["entry"]["chosen"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nobody",), 3),
        (("lanterns", "--as", "anilist"), 2),
        (("lanterns", "--as", "nowhere:1"), 2),
        (("lanterns", "--as", "anilist:99"), 3),
    ],
)
def test_wrong_use(
    console: Console, site: MetadataSite, arguments: tuple[str, ...], code: int
) -> None:
    """Unknown series, sources and entries have the documented exit codes."""
    _library(console, site)
    site.shows = [make_show(1, "Other")]

    assert console("identify", *arguments).code == code


def test_a_sure_entry_and_a_failing_source_are_reported(
    console: Console, site: MetadataSite
) -> None:
    """One source suffices for exit code 0; the error of the other is one line on stderr."""
    _library(console, site)
    site.media = [make_media(1, "Lanterns")]
    assert console("identify", "lanterns", "--as", "anilist:1").code == 0
    console("config", "set", "providers.tvmaze.base_url", f"{site.url}/nothing")

    answer = console("identify", "lanterns")

    assert answer.code == 0
    assert "anilist:1" in answer.out + answer.err
    assert [line for line in answer.err.splitlines() if "tvmaze" in line]


def test_the_whole_library(console: Console, site: MetadataSite) -> None:
    """`--all` asks only the sources without a young entry of a series."""
    _library(console, site)
    site.media = [make_media(1, "Lanterns")]
    console("identify", "lanterns", "--as", "anilist:1")

    young = console("identify", "--all", "--json")
    every = console("identify", "--all", "--max-age", "0", "--json")

    assert [(s["source"], s["state"]) for s in young.json["sources"]] == [("tvmaze", "not_found")]
    states = {s["source"]: s["state"] for s in every.json["sources"]}
    assert states == {"anilist": "identified", "tvmaze": "not_found"}
    assert (young.code, every.code) == (0, 0)
    assert console("identify").code == 2
    assert console("identify", "lanterns", "--all").code == 2


def test_show_names_sequels(console: Console, site: MetadataSite) -> None:
    """`show` lists the relatives of the stored entry, and whether the library has them."""
    _library(console, site)
    site.media = [make_media(1, "Whatever", episodes=None)]
    console("identify", "lanterns", "--as", "anilist:1")

    shown = console("show", "lanterns")

    assert "sequel" in shown.out
    assert "Next" in shown.out
    assert "Book" not in shown.out  # the manga
