"""`aniworld opml import` and `aniworld opml export`."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.fakes import FakeLoader
from support.console import Console, lanterns


class _Feeds(FakeLoader):
    """Catalogue `feed` with one feed."""

    def __init__(self) -> None:
        super().__init__([lanterns(site="feed")], name="feed", site="Feeds")

    def owns(self, link: str) -> bool:
        return "://feed.invalid/" in link

    def key_from_link(self, link: str) -> SeriesKey:
        return SeriesKey(link.rpartition("/")[2])


@pytest.fixture
def feeds(console: Console) -> Console:
    """Return the commands with the catalogue of feeds."""
    console.adapters["loaders"] = [_Feeds()]
    return console


def opml(*links: str) -> str:
    """Return an OPML document."""
    outlines = "".join(f'<outline text="x" xmlUrl="{link}"/>' for link in links)
    return f"<opml version='2.0'><body>{outlines}</body></opml>"


def test_each_feed_is_reported(feeds: Console, tmp_path: Path) -> None:
    """Feeds that cannot be added do not stop the others; the exit code says that some failed."""
    file = tmp_path / "feeds.opml"
    file.write_text(opml("https://feed.invalid/lanterns", "https://feed.invalid/none"))

    report = feeds("opml", "import", str(file), "--json")

    assert report.code == 1
    assert [(r["link"], r["error"] is None) for r in report.json["results"]] == [
        ("feed:https://feed.invalid/lanterns", True),
        ("feed:https://feed.invalid/none", False),
    ]


def test_export_and_stdin(feeds: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export goes to stdout or to a new file, and is read from stdin again."""
    feeds("add", "https://feed.invalid/lanterns")
    file = tmp_path / "out.opml"

    shown = feeds("opml", "export")
    assert feeds("opml", "export", str(file)).code == 0
    assert file.read_text() == shown.out
    assert feeds("opml", "export", str(file)).code == 2
    monkeypatch.setattr("sys.stdin", SimpleNamespace(read=io.StringIO(shown.out).read))
    again = feeds("opml", "import", "-", "--json")
    assert (again.code, again.json["results"][0]["status"]) == (0, "known")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<opml", "the OPML cannot be read: it is not XML"), (b" " * (5 * 1024**2), "larger"),
     (None, "No such file")],
    ids=["broken", "long", "none"],
)  # fmt: skip
def test_an_unreadable_file_is_one_sentence(
    feeds: Console, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """It names the file or what is wrong with it, with the exit code of wrong use."""
    file = tmp_path / "feeds.opml"
    if content is not None:
        file.write_bytes(content)

    refused = feeds("opml", "import", str(file))

    assert refused.code == 2
    assert reason in refused.err
    assert len(refused.err.splitlines()) == 1
