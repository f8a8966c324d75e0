"""The whole reading of folder names, their owners, and the series that folders are divided among.

`folders.tsv` holds one folder per line, `|` before each file in it, and what becomes of it.
`python tests/core/domain/library/matching/test_whole_folders.py` writes what the present code
finds into the file: check the difference line by line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FolderContents, FoundFile
from aniworld_core.domain.library.matching import (
    FolderIndex,
    PlacedFolder,
    place_folders,
    read_folder_name,
)
from aniworld_core.domain.library.matching.folders import FolderOwner
from aniworld_core.testing.factories import make_series

FOLDERS: Final = Path(__file__).parent / "folders.tsv"


def _series(key: str, name: str, year: int | None = None, folder: str = "", *ids: str) -> Series:
    return make_series(
        key=key, name=name, year=year, folder=FolderName(folder or f"at {key}"), external_ids=ids
    )


INDEX: Final = FolderIndex.of(
    [
        _series("alpha-2011", "Alpha", 2011, "Stored Alpha", "tvdb-81189"),
        _series("alpha-2021", "Alpha", 2021, "", "tvdb-99", "mal-7"),
        _series("beta", "Beta", None, "Beta"),
        _series("beta-two", "Beta II", 2015),
        _series("gamma", "Gamma (2008)"),
        attrs.evolve(_series("delta", "Delta"), alternative_titles=("Vierte", "Quatre")),
        _series("epsilon", "Epsilon Staffel 2", 2019),
        _series("fuer", "Für Elise", 2012),
        _series("movie", "Beta The Movie", 2018),
    ]
)


def _lines() -> Iterator[tuple[str, str]]:
    for line in FOLDERS.read_text(encoding="utf-8").splitlines():
        folder, found = line.split("\t")
        yield folder, found


def _found(line: str) -> str:
    folder, *files = line.split("|")
    return _divided(folder, files) if files else f"{_read(folder)}; {_owned(INDEX.owner(folder))}"


def _read(folder: str) -> str:
    name = read_folder_name(folder)
    fields = attrs.asdict(name, filter=lambda field, value: value != field.default and bool(value))
    fields["titles"] = ", ".join(f"{title}/{year}" for title, year in name.titles)
    fields |= {"title": name.title, "year": name.year}
    return "; ".join(f"{key}: {value}" for key, value in fields.items())


def _owned(owner: FolderOwner) -> str:
    reason = owner.reason.kind if owner.reason else ""
    parts = [owner.key or "-", str(owner.rule), *(f"{key}?" for key in owner.candidates), reason]
    return " ".join(filter(None, parts))


def _divided(folder: str, files: list[str]) -> str:
    contents = FolderContents(
        folder=FolderName(folder),
        stamp="s",
        files=tuple(FoundFile(file, 1000, 1) for file in sorted(files)),
    )
    placed = place_folders(INDEX, [contents])
    parts = [*(part for owned in placed.owned.values() for part in owned)]
    parts += [*placed.unsure, *placed.strangers]
    return "; ".join(map(_described, parts))


def _described(part: PlacedFolder) -> str:
    names = "|".join(file.path for file in part.contents.files)
    return f"{part.contents.folder or '.'}: {names} = {_owned(part.owner)}"


def test_the_whole_reading_of_folders() -> None:
    """Titles, years, ids and seasons are read, and two series that fit are a question."""
    lines = list(_lines())
    assert len(lines) > 100
    wrong = [(*line, now) for line in lines if (now := _found(line[0])) != line[1]]
    assert wrong == []


if __name__ == "__main__":
    found = [(folder, _found(folder)) for folder, _ in _lines()]
    FOLDERS.write_text("".join("\t".join(line) + "\n" for line in found), encoding="utf-8")
