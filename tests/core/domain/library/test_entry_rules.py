"""Rules for entries of a library: bonus material, system folders, unfinished files, discs."""

import pytest

from aniworld_core.domain.library import (
    EntryRole,
    entry_rule,
    file_rule,
    folder_rule,
    is_ignored_name,
    is_opaque_name,
    media_suffix,
)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Alpha - S01E01.mkv", EntryRole.VIDEO),
        ("Alpha - S01E05 - Department.mkv", EntryRole.VIDEO),
        ("Alpha - S01E05 - Self-Interview.mkv", EntryRole.VIDEO),
        ("Alpha - S01E05 - The Sample Case.mkv", EntryRole.VIDEO),
        ("Alpha - Part 1.mkv", EntryRole.VIDEO),
        ("Alpha.Part.2.mkv", EntryRole.VIDEO),
        ("Alpha.S01E05.Part1.mkv", EntryRole.VIDEO),
        ("Alpha - S01E02.temp.mp4", EntryRole.VIDEO),
        ("Alpha - S01E02 - Unfinished.mkv", EntryRole.VIDEO),
        ("alpha.s01e06.sample.mkv", EntryRole.EXTRA),
        ("alpha-s01e06-sample.mkv", EntryRole.EXTRA),
        ("Alpha - S01E02-trailer.mkv", EntryRole.EXTRA),
        ("Alpha - S01E02-trailer2.mkv", EntryRole.EXTRA),
        ("Alpha - S01E03 - Clip-behindthescenes.mkv", EntryRole.EXTRA),
        ("Alpha-featurette.mp4", EntryRole.EXTRA),
        ("Alpha-deletedscene.mp4", EntryRole.EXTRA),
        ("Cast-interview.mkv", EntryRole.EXTRA),
        ("theme.mp4", EntryRole.EXTRA),
        ("._Alpha - S01E07.mkv", EntryRole.IGNORED),
        (".Alpha - S01E08.mkv", EntryRole.IGNORED),
        (".Alpha - S01E09.mkv.XyZ123", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.part", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.part-Frag12", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.!qB", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.bts", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.filepart", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.partial~", EntryRole.IGNORED),
        ("Alpha - S01E09.partial.mkv", EntryRole.IGNORED),
        ("Alpha - S01E09.part.mkv", EntryRole.IGNORED),
        ("Alpha - S01E09.part-Frag3.mkv", EntryRole.IGNORED),
        ("Alpha - S01E09.mkv.unmanic.part-1.mkv", EntryRole.IGNORED),
        ("Alpha - S01E09-TdarrCacheFile-abc.mkv", EntryRole.IGNORED),
        ("Alpha S01E05.iso", EntryRole.OPAQUE),
        ("Alpha S01E05.strm", EntryRole.OPAQUE),
        ("Alpha S01E05.RMVB", EntryRole.OPAQUE),
        ("Alpha - S01E02.nfo", EntryRole.PLAIN),
        ("notes.tmp", EntryRole.PLAIN),
        ("release.part1.rar", EntryRole.PLAIN),
        (".DS_Store", EntryRole.PLAIN),
    ],
)
def test_role_of_a_file(name: str, role: EntryRole) -> None:
    """A name decides what a file is; everything that is no plain video has a reason."""
    rule = file_rule(name)

    assert rule.role is role
    assert (rule.reason is None) is (role in (EntryRole.VIDEO, EntryRole.PLAIN))


@pytest.mark.parametrize(
    ("names", "role"),
    [
        ("@eaDir|#recycle|@Recycle|$RECYCLE.BIN|lost+found|System Volume Information|__MACOSX",
         EntryRole.IGNORED),
        (".Trash-1000|.trickplay|Alpha - S01E09.trickplay|.AppleDouble|.git|_UNPACK_Alpha",
         EntryRole.IGNORED),
        ("extras|Extras|Featurettes|Interviews|Behind The Scenes|behind-the-scenes|Shorts|Scenes",
         EntryRole.EXTRA),
        ("Deleted Scenes|trailers|Other|backdrops|theme-music|Sample|Bonusmaterial",
         EntryRole.EXTRA),
        ("BDMV|VIDEO_TS", EntryRole.OPAQUE),
        ("Season 01|Staffel 1|Specials|Filme|OVA|Subs|Alpha (2011)|Other Side", EntryRole.PLAIN),
    ],
)  # fmt: skip
def test_role_of_a_folder(names: str, role: EntryRole) -> None:
    """System folders are not read, bonus folders hold no episodes, a disc counts as one video."""
    assert {name: folder_rule(name).role for name in names.split("|")} == dict.fromkeys(
        names.split("|"), role
    )


def test_videos_that_cannot_be_inspected() -> None:
    """Disc folders and images are recognised by their path; their suffix is removed like others."""
    assert is_opaque_name("Alpha/Alpha S01E01/VIDEO_TS")
    assert is_opaque_name("Alpha/Alpha S01E01.iso")
    assert not is_opaque_name("Alpha/Alpha S01E01.mkv")
    assert media_suffix("Alpha S01E01.ISO") == ".ISO"
    assert media_suffix("Alpha S01E01") == ""
    assert media_suffix("Alpha S01E01.nfo") == ""


def test_ignored_names_cover_files_and_folders() -> None:
    """One question for both: is this never an episode?"""
    assert all(map(is_ignored_name, ["@eaDir", ".x", "Sample", "a.sample.mkv", "a.mkv.part"]))
    assert not any(map(is_ignored_name, ["Season 01", "Alpha - S01E01.mkv", "Extras"]))


@pytest.mark.parametrize(
    ("name", "is_unknown"),
    [
        ("Alpha - S01E05.xyz", True),
        ("Alpha 1x05.mk4", True),
        ("Alpha.S01E05.German.1080p-GRP", True),
        ("Alpha - S01E05.de.srt", False),
        ("Alpha - S01E05.r07", False),
        ("Alpha - S01E05-thumb.jpg", False),
        ("Alpha - S01E05.mkv", False),
        (".Alpha - S01E05.xyz", False),
        ("Notes 2016.xyz", False),
    ],
)
def test_an_episode_of_an_unknown_kind_has_a_reason(name: str, *, is_unknown: bool) -> None:
    """A file on the disk that names an episode is never silently left out; folders are no files."""
    reason = entry_rule(name).reason
    assert (reason is not None and reason.kind == "entry_unknown_kind") == is_unknown
    assert is_unknown <= (not is_ignored_name(name))
