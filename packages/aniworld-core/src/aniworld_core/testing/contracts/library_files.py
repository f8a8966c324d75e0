"""Contract suite of `LibraryFileRepository`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    DeletedFile,
    FileFacts,
    FileState,
    LibraryFile,
    LibraryFolder,
    LibraryLoss,
)
from aniworld_core.messages import Message
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.testing.factories import KEY, at

_OTHER = SeriesKey("other")

#: A record that uses every field, with a name that SQL patterns and paths treat specially.
_FULL = LibraryFile(
    path="/other root/Süß_%/Season 01/[x]*?'\".mkv",
    size=2**41,
    modified_ns=1_700_000_000_123_456_789,
    state=FileState.SUSPECT,
    series_key=KEY,
    season=0,
    numbers=(1, 2),
    reason=Message("cannot_be_read", reason=Message("no_such_file")),
    fingerprint="f1",
    pinned=True,
    linked=True,
    facts=FileFacts(
        duration_seconds=1420.5,
        width=1920,
        height=1080,
        video_codec="h264",
        audio_codecs=("aac", "flac"),
        audio_languages=("deu", "jpn"),
        subtitle_languages=("und",),
        silent_tracks=(1,),
        sound="s1",
    ),
)


def _file(path: str, state: FileState = FileState.PRESENT, **fields: object) -> LibraryFile:
    plain = LibraryFile(path=path, size=1, modified_ns=2, state=state)
    return attrs.evolve(plain, **fields)  # type: ignore[arg-type]


class LibraryFileRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_save_keeps_every_field(self, repository: LibraryFileRepository) -> None:
        """A stored record is returned unchanged, full or with defaults only."""
        plain = _file("a.mkv")
        await repository.save([_FULL, plain])

        assert await repository.get([_FULL.path, "a.mkv", "unknown"]) == {
            _FULL.path: _FULL,
            "a.mkv": plain,
        }

    async def test_facts_without_values_are_facts(self, repository: LibraryFileRepository) -> None:
        """Facts of a file without duration and tracks differ from no facts."""
        await repository.save([_file("a.mkv", facts=FileFacts())])

        assert (await repository.get(["a.mkv"]))["a.mkv"].facts == FileFacts()

    async def test_save_replaces_the_whole_record(self, repository: LibraryFileRepository) -> None:
        """A record of the same path is replaced with all its fields; others stay."""
        await repository.save([_FULL, _file("b.mkv")])

        await repository.save([_file(_FULL.path, FileState.DAMAGED)])

        assert (await repository.get([_FULL.path]))[_FULL.path] == _file(
            _FULL.path, FileState.DAMAGED
        )
        assert await repository.get(["b.mkv"]) == {"b.mkv": _file("b.mkv")}

    async def test_nothing_is_saved_or_read(self, repository: LibraryFileRepository) -> None:
        """Empty collections are allowed everywhere."""
        await repository.save([])
        await repository.forget([])
        await repository.save_folders([])
        await repository.save_losses([])

        assert await repository.get([]) == {}
        assert list(await repository.below([])) == []
        assert list((await repository.find([])).items) == []
        assert await repository.by_fingerprint([]) == {}

    async def test_names_are_kept_as_they_are(self, repository: LibraryFileRepository) -> None:
        """Paths that differ in case or Unicode form are different files."""
        twins = ["A/é.mkv", "A/e\u0301.mkv", "a/é.mkv", "A/É.mkv"]
        await repository.save([_file(path) for path in twins])

        assert set(await repository.get(twins)) == set(twins)

    async def test_files_of_a_series(self, repository: LibraryFileRepository) -> None:
        """The files of a series are returned in every state, ordered by path."""
        own = [
            _file(f"B/{n}.mkv", state, series_key=KEY)
            for n, state in enumerate(reversed(FileState))
        ]
        await repository.save([*reversed(own), _file("A/x.mkv", series_key=_OTHER), _file("y.mkv")])

        assert list(await repository.of_series(KEY)) == own
        many = await repository.of_many([KEY, SeriesKey("unknown")])
        assert {key: list(files) for key, files in many.items()} == {KEY: own}
        assert list(await repository.of_series(SeriesKey("unknown"))) == []

    async def test_files_below_folders(self, repository: LibraryFileRepository) -> None:
        """Files below folders are found at any depth, and no folder whose name only starts so."""
        paths = ["A/1.mkv", "A/S/2.mkv", "A b/3.mkv", "A.mkv", "a/4.mkv", "A%/5.mkv", "_/6.mkv"]
        paths += ["/r/A/7.mkv", "/r/8.mkv"]
        await repository.save([_file(path) for path in paths])

        async def below(*folders: str) -> list[str]:
            return [file.path for file in await repository.below(folders)]

        assert await below("A") == ["A/1.mkv", "A/S/2.mkv"]
        assert await below("A%", "_", "none") == ["A%/5.mkv", "_/6.mkv"]
        assert await below("") == ["A.mkv"]
        assert await below("/r") == ["/r/8.mkv", "/r/A/7.mkv"]
        assert await below("A", "A/S", "/r/A") == ["/r/A/7.mkv", "A/1.mkv", "A/S/2.mkv"]

    async def test_stamps_below_folders(self, repository: LibraryFileRepository) -> None:
        """The stamps of files are returned for the files that `below` returns."""
        paths = ["A/1.mkv", "A/S/2.mkv", "A b/3.mkv", "A.mkv", "/r/7.mkv"]
        files = [_file(path, size=n, modified_ns=-n) for n, path in enumerate(paths)]
        await repository.save(files)

        for folders in ([], ["A"], [""], ["A", "A/S"], ["/r", "A b"]):
            found = await repository.below(folders)
            stamps = {file.path: (file.size, file.modified_ns) for file in found}
            assert await repository.stamps_below(folders) == stamps

    async def test_find_by_state(self, repository: LibraryFileRepository) -> None:
        """Files are found by state, page by page, with the number of all matches."""
        files = [_file(f"{n}.mkv", state) for n, state in enumerate(FileState)]
        await repository.save(files)

        wanted = [FileState.DAMAGED, FileState.UNSURE, FileState.EXTRA]
        found = [file for file in files if file.state in wanted]
        everything = await repository.find(wanted)
        assert list(await repository.paths(wanted)) == [file.path for file in found]
        page = await repository.find(wanted, limit=1, offset=1)

        assert (list(everything.items), everything.total) == (found, 3)
        assert (list(page.items), page.total) == (found[1:2], 3)
        assert list((await repository.find(wanted, limit=5, offset=2)).items) == found[2:]

    async def test_find_by_series(self, repository: LibraryFileRepository) -> None:
        """Files in some states are found for one series, with the number of those only."""
        own = [_file(f"A/{n}.mkv", state, series_key=KEY) for n, state in enumerate(FileState)]
        await repository.save([*own, _file("B/x.mkv", series_key=_OTHER), _file("y.mkv")])

        everything = await repository.find(list(FileState), series=KEY, limit=2)
        some = await repository.find([FileState.PRESENT], series=KEY)

        assert (list(everything.items), everything.total) == (own[:2], len(own))
        assert (list(some.items), some.total) == (own[:1], 1)
        assert (await repository.find(list(FileState), series=SeriesKey("unknown"))).total == 0

    async def test_files_that_were_not_inspected(self, repository: LibraryFileRepository) -> None:
        """Files without fingerprint, facts or samples of the audio are returned in parts."""
        silent = FileFacts(sound="")
        states = [_file(f"{n}.mkv", state) for n, state in enumerate(FileState)]
        done = _file("x.mkv", fingerprint="f", facts=silent)
        no_sound = _file("y.mkv", fingerprint="f", facts=FileFacts())
        no_print = _file("z.mkv", facts=silent)
        await repository.save([*states, done, no_sound, no_print, _FULL])
        due = [f for f in states if f.state not in (FileState.DAMAGED, FileState.IGNORED)]

        async def found(*, with_sound: bool, after: str = "", limit: int = 9) -> list[LibraryFile]:
            return list(
                await repository.uninspected(with_sound=with_sound, after=after, limit=limit)
            )

        assert await found(with_sound=False) == [*due, no_print]
        assert await found(with_sound=True) == [*due, no_sound, no_print]
        assert await found(with_sound=True, after=due[-1].path, limit=1) == [no_sound]

    async def test_find_by_reason(self, repository: LibraryFileRepository) -> None:
        """Files that are not present are found by the kind of their reason."""
        why = Message("no_such_file")
        found = [_file("a.mkv", FileState.IGNORED, reason=why), _FULL]
        other = _file("b.mkv", FileState.IGNORED, reason=Message("io_error"))
        await repository.save([*found, other, _file("c.mkv", reason=why), _file("d.mkv")])

        assert list(await repository.with_reason("no_such_file")) == found[:1]
        assert list(await repository.with_reason("cannot_be_read")) == found[1:]
        assert list(await repository.with_reason("unknown")) == []

    async def test_find_by_fingerprint(self, repository: LibraryFileRepository) -> None:
        """Files are found by fingerprint; files without one match nothing."""
        twins = [_file("a.mkv", fingerprint="x"), _file("b.mkv", fingerprint="x")]
        await repository.save([*twins, _file("c.mkv", fingerprint="y"), _file("d.mkv")])

        found = await repository.by_fingerprint(["x", "", "z"])

        assert {name: list(files) for name, files in found.items()} == {"x": twins}

    async def test_counts_name_every_state(self, repository: LibraryFileRepository) -> None:
        """Counts include states without files and follow changes and deletions."""
        assert await repository.counts() == dict.fromkeys(FileState, 0)
        await repository.save([_file("a.mkv"), _file("b.mkv"), _file("c.mkv", FileState.EXTRA)])
        await repository.save([_file("b.mkv", FileState.DAMAGED)])
        await repository.forget(["a.mkv"])

        counts = await repository.counts()

        assert {state: n for state, n in counts.items() if n} == {
            FileState.EXTRA: 1,
            FileState.DAMAGED: 1,
        }

    async def test_sizes_sum_the_files_of_a_series(self, repository: LibraryFileRepository) -> None:
        """Files of every state count; files of no series and empty ones do not."""
        files = [
            _file("x/a.mkv", size=5),
            _file("x/b.mkv", FileState.DAMAGED, size=7),
            _file("y/a.mkv", size=0),
            _file("z/a.mkv", FileState.EXTRA, size=9),
        ]
        keys = [SeriesKey("x"), SeriesKey("x"), SeriesKey("y"), None]
        pairs = zip(files, keys, strict=True)
        await repository.save([attrs.evolve(file, series_key=key) for file, key in pairs])

        assert await repository.sizes() == {SeriesKey("x"): 12}
        assert await repository.sizes([SeriesKey("x"), SeriesKey("y")]) == {SeriesKey("x"): 12}
        assert await repository.sizes([SeriesKey("y")]) == {}
        assert await repository.sizes([]) == {}

    async def test_sizes_of_roots(self, repository: LibraryFileRepository) -> None:
        """Every file in a root counts; a root without files has none."""
        paths = ["a.mkv", "A/1.mkv", "/r/1.mkv", "/r/A/2.mkv", "/r0/3.mkv", "/r b/4.mkv"]
        await repository.save([_file(path, size=10**n) for n, path in enumerate(paths)])

        roots = ["", "/r", "/r0", "/empty"]
        found = {"": 11, "/r": 1100, "/r0": 10_000, "/empty": 0}
        assert await repository.sizes_of_roots(roots) == found
        assert await repository.sizes_of_roots([]) == {}

    async def test_forget_deletes_only_these(self, repository: LibraryFileRepository) -> None:
        """Only the named records are deleted; unknown paths are skipped."""
        await repository.save([_file("a.mkv"), _file("A.mkv"), _file("b.mkv")])

        await repository.forget(["a.mkv", "unknown"])
        await repository.forget(["a.mkv"])

        assert set(await repository.get(["a.mkv", "A.mkv", "b.mkv"])) == {"A.mkv", "b.mkv"}

    async def test_many_files_at_once(self, repository: LibraryFileRepository) -> None:
        """Paths may be more than the variables that one SQL statement takes."""
        await repository.save([_file("a.mkv", fingerprint="x"), _file("b.mkv")])
        paths = ["a.mkv", *(f"{n:06}.mkv" for n in range(33_000))]

        assert set(await repository.get(paths)) == {"a.mkv"}
        assert set(await repository.by_fingerprint(["x", *paths])) == {"x"}
        await repository.forget(paths)
        assert [f.path for f in (await repository.find(list(FileState))).items] == ["b.mkv"]

    async def test_folders_are_replaced_by_path(self, repository: LibraryFileRepository) -> None:
        """Folders are ordered by path; saving replaces those of the same path."""
        first = [LibraryFolder("B", KEY, "1"), LibraryFolder("", None, "2")]
        await repository.save_folders(first)
        await repository.save_folders(
            [LibraryFolder("B", None, ""), LibraryFolder("/r/C", _OTHER, "é")], gone=["", "none"]
        )

        assert list(await repository.folders()) == [
            LibraryFolder("/r/C", _OTHER, "é"),
            LibraryFolder("B", None, ""),
        ]

    async def test_deletions_are_noted(self, repository: LibraryFileRepository) -> None:
        """There is one deletion for each episode, until it is forgotten."""
        files = [
            DeletedFile(
                episode=EpisodeRef(key, season, number),
                path=f"{key}/é {season} {number}.mkv",
                noted_at=at(3.000001),
            )
            for key, season, number in ((KEY, 0, 1), (KEY, 1, 2), (KEY, 1, 10), (_OTHER, 1, 1))
        ]
        await repository.note_deleted(files[::-1])
        assert list(await repository.deleted()) == sorted(files, key=lambda f: f.episode)
        again = attrs.evolve(files[1], path="new.mkv", noted_at=at(9))
        await repository.note_deleted([again])
        await repository.forget_deleted([files[0].episode, EpisodeRef(_OTHER, 7, 7)])
        left = [file for file in await repository.deleted() if file.episode.series_key == KEY]
        assert left == [again, files[2]]
        await repository.note_deleted([])
        await repository.forget_deleted([])
        assert len(await repository.deleted()) == 3

    async def test_losses_are_replaced(self, repository: LibraryFileRepository) -> None:
        """Losses are stored with their reason until they are replaced."""
        losses = [
            LibraryLoss(
                path=path,
                reason=Message("library_emptied", episodes=7),
                lost=7,
                known=9,
                noted_at=at(3.000001),
            )
            for path in ("", "A")
        ]
        await repository.save_losses(losses[::-1])
        assert list(await repository.losses()) == losses
        assert [loss.reason.values["episodes"] for loss in await repository.losses()] == [7, 7]

        await repository.save_losses(losses[1:])
        assert list(await repository.losses()) == losses[1:]
