"""The whole match of files: state, episodes, numbers, reason, candidates and flags.

`matches.tsv` holds one library per line: a series of `SERIES`, its files, and the match of each
file. `python tests/core/domain/library/matching/test_whole_matches.py` writes the matches of the
present code into the file: check the difference line by line.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from aniworld_core.domain.catalogue import Series, Titles
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    FileFacts,
    FileState,
    FolderContents,
    FoundFile,
    LibraryFile,
)
from aniworld_core.domain.library.matching import FileMatch, match_episodes
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing.factories import make_episode, make_series

MATCHES: Final = Path(__file__).parent / "matches.tsv"


def _series(counts: Mapping[int, int], name: str = "Alpha", *, is_absolute: bool = False) -> Series:
    before = 0
    episodes = []
    for season, count in counts.items():
        episodes += [make_episode(before + n, season) for n in range(1, count + 1)]
        before += count if is_absolute else 0
    for number, title in enumerate(("Der Film", "Die OVA", "Zweite OVA", "Das Ende"), 1):
        episodes.append(make_episode(number, 0, titles=Titles(de=title)))
    return make_series("alpha", name=name, folder=FolderName(name), episodes=episodes)


SERIES: Final = {
    "seasons": _series({1: 3, 2: 3}),
    "one": _series({1: 12}),
    "absolute": _series({1: 3, 2: 3}, is_absolute=True),
    "later": _series({3: 4}),
    "year": _series({1: 3, 2: 3}, name="Alpha (2011)"),
    "second": _series({1: 3}, name="Alpha Staffel 2"),
}


def _lines() -> Iterator[tuple[str, str, str]]:
    for line in MATCHES.read_text(encoding="utf-8").splitlines():
        series, files, matches = line.split("\t")
        yield series, files, matches


def _matched(name: str, files: str) -> str:
    """Match files; `!` before one marks a damaged, `*` a pinned, and `+` a linked file.

    `=1080,deu,ger` behind one are its facts: height, audio and subtitles. The folder of the series
    is the part before `:`.
    """
    series, known, unusable, found = SERIES[name], {}, set(), []
    folder, _, rest = files.rpartition(":")
    folder = folder or series.folder
    for number, text in enumerate(rest.split("|"), 1):
        file, _, told = text.lstrip("!*+").partition("=")
        found.append(FoundFile(file, 1000 + number, 1))
        height, *tracks = told.split(",")
        path = f"{folder}/{file}"
        if text[0] == "!":
            unusable.add(path)
        if told or text[0] in "*+":
            known[path] = LibraryFile(
                path=path,
                size=1000 + number,
                modified_ns=1,
                state=FileState.PRESENT,
                pinned=text[0] == "*",
                linked=text[0] == "+",
                season=1,
                numbers=(2,),
                facts=FileFacts(
                    height=int(height),
                    audio_languages=tuple(tracks[:1]),
                    subtitle_languages=tuple(tracks[1:]),
                )
                if told
                else None,
            )
    contents = FolderContents(folder=FolderName(folder), stamp="s", files=tuple(found))
    matched = match_episodes(
        series, [contents], known=known, wanted=(GER_DUB, GER_SUB), unusable=unusable
    )
    return "; ".join(_described(match, folder) for match in matched.files)


def _described(match: FileMatch, folder: str) -> str:
    parts = [match.path.removeprefix(f"{folder}/"), str(match.state)]
    parts += [f"S{season}E{number}" for season, number in match.places]
    parts.append(f"{match.season}:{','.join(map(str, match.numbers))}")
    if match.language:
        parts.append(match.language.code)
    if match.reason:
        parts.append(match.reason.kind)
    parts += [f"{each.text}?" for each in match.candidates]
    parts += [name for name in ("is_opaque", "is_linked") if getattr(match, name)]
    return " ".join(parts)


def test_the_whole_match_of_files() -> None:
    """Every file has its state and numbers, and each that represents no episode a reason."""
    lines = list(_lines())
    assert len(lines) > 400
    wrong = [(*line, now) for line in lines if (now := _matched(*line[:2])) != line[2]]
    assert wrong == []


if __name__ == "__main__":
    lines = [(series, files, _matched(series, files)) for series, files, _ in _lines()]
    MATCHES.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
