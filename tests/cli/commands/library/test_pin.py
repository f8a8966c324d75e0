"""`aniworld pin`."""

import pytest

from support.console import Console

_VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)


def _library(console: Console) -> None:
    path = console.folder / "library" / "Lanterns" / "S01E01.mkv"
    path.parent.mkdir(parents=True)
    path.write_bytes(_VIDEO)
    (path.parent / "S01E02.mkv").write_bytes(b"")
    console("add", "lanterns")
    console("adopt", "Lanterns", "--as", "lanterns")
    console("scan")


def _files(console: Console) -> list[str | None]:
    found = console("show", "lanterns", "--json").json["episodes"]
    return [each["file"] for each in found if each["season"] == 1]


def test_a_pinned_file_is_its_episode_until_the_pin_is_removed(console: Console) -> None:
    """Also after a full scan; without the pin, the name decides again."""
    _library(console)
    file = "Lanterns/S01E01.mkv"

    answer = console("pin", str(console.folder / "library" / file), "S01E03", "--json")
    assert (answer.code, answer.json["pinned"], answer.json["numbers"]) == (0, True, [3])
    assert _files(console) == [None, None, file]
    console("scan", "--full")
    assert _files(console) == [None, None, file]

    assert console("pin", file, "--remove").code == 0
    assert _files(console) == [file, None, None]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("Lanterns/S01E01.mkv", "S09E09"), 3),
        (("Lanterns/gone.mkv", "S01E01", "--series", "lanterns"), 2),
        (("../outside.mkv", "S01E01"), 2),
        (("Lanterns/S01E02.mkv", "S01E02"), 2),
        (("Lanterns/S01E01.mkv", "--remove"), 2),
        (("Lanterns/S01E01.mkv",), 2),
    ],
)
def test_what_cannot_be_pinned_is_refused(
    console: Console, arguments: tuple[str, ...], code: int
) -> None:
    """Unknown episodes, missing, foreign and damaged files; nothing changes."""
    _library(console)

    answer = console("pin", *arguments)

    assert answer.code == code, answer.err
    assert _files(console) == ["Lanterns/S01E01.mkv", None, None]
