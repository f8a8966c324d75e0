"""Values of views: series, episodes, files, folders and additions, complete and almost empty."""

import attrs

from aniworld_core.application.catalogue import ErrorView
from aniworld_core.application.catalogue.link_list import LinkResult
from aniworld_core.application.catalogue.series_addition import Addition, ExistingFiles
from aniworld_core.application.library.adoptable_folders import AdoptableFolder
from aniworld_core.application.library.contents import InspectionReport
from aniworld_core.application.library.scan_views import (
    AdoptableView,
    InspectionView,
    LibraryFileView,
    ScanReportView,
)
from aniworld_core.application.library.scans.state import ScanReport
from aniworld_core.application.library.views import (
    AnimeDetail,
    AnimeSummary,
    EpisodeView,
    LinkResultView,
    ReasonView,
)
from aniworld_core.domain.catalogue import Episode, Titles, summarise
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    DeletedFile,
    FileFacts,
    FileState,
    LibraryFile,
    LibraryLoss,
)
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, Quality
from aniworld_core.errors import LibraryNotSetError
from aniworld_core.messages import Message, message_to_wire
from aniworld_core.testing.factories import START, make_series

REASON = Message("folder_sequel", title="Alpha")
EPISODE = Episode(
    season=1,
    number=2,
    titles=Titles(de="Zwei", en="Two"),
    languages=frozenset({GER_SUB, GER_DUB}),
    downloaded=True,
    file="Alpha/2.mkv",
    file_language=GER_DUB,
    unavailable=REASON,
    link="https://user:word@example.org/2",
)
SERIES = make_series(
    "alpha",
    episodes=[EPISODE, Episode(season=1, number=3), Episode(season=2, number=1)],
    description="A story.",
    year=2011,
    end_year=2013,
    genres=("Action",),
    external_ids=("imdb-tt1",),
    cover_url="https://example.org/a.jpg",
    monitored=False,
    languages=(GER_SUB,),
    quality=Quality.P1080,
    unwanted_seasons=(4,),
    added_at=START,
)
FACTS = FileFacts(
    duration_seconds=1440.5,
    width=1920,
    height=1080,
    video_codec="hevc",
    audio_codecs=("aac",),
    audio_languages=("deu",),
    subtitle_languages=("eng",),
    silent_tracks=(0,),
)
FILE = LibraryFile(
    path="Alpha/2.mkv",
    size=7,
    modified_ns=1,
    state=FileState.SUSPECT,
    series_key=SeriesKey("alpha"),
    season=1,
    numbers=(2,),
    reason=REASON,
    fingerprint="f",
    pinned=True,
    facts=FACTS,
    linked=True,
)
BARE_FILE = LibraryFile(path="x.mkv", size=0, modified_ns=0, state=FileState.PRESENT)


def test_an_episode_has_what_its_catalogue_and_its_file_say() -> None:
    """Languages are in order, the link shows no user, and what nobody named is null."""
    full = attrs.asdict(EpisodeView.of(SERIES, EPISODE, GER_DUB))
    bare = attrs.asdict(EpisodeView.of(SERIES, SERIES.episodes[1], ENG_SUB))

    assert full == {
        "season": 1,
        "episode": 2,
        "code": "S01E02",
        "title": "Zwei",
        "titles": {"de": "Zwei", "en": "Two"},
        "available": True,
        "monitored": True,
        "downloaded": True,
        "file": "Alpha/2.mkv",
        "languages": ("ger-dub", "ger-sub"),
        "file_language": "ger-dub",
        "unavailable": REASON.to_wire(),
        "link": "https://example.org/2",
    }
    nothing = dict.fromkeys(("file", "languages", "file_language", "unavailable", "link"))
    assert bare == {
        "season": 1,
        "episode": 3,
        "code": "S01E03",
        "title": "Episode 3",
        "titles": {"de": None, "en": None},
        "available": True,
        "monitored": True,
        "downloaded": False,
        **nothing,
    }
    assert ReasonView.of(None) is None


def test_a_series_has_its_own_languages_and_those_that_apply() -> None:
    """Without an own order, the global one applies; missing episodes are listed by season."""
    full = attrs.asdict(AnimeDetail.of(SERIES, (GER_DUB, ENG_SUB)), recurse=False)
    episodes = full.pop("episodes")
    bare = AnimeDetail.of(make_series("beta", episodes=0), (GER_DUB, ENG_SUB))

    assert [each.code for each in episodes] == ["S01E02", "S01E03", "S02E01"]
    assert episodes[0].title == "Zwei"
    assert full == {
        "key": "alpha",
        "title": "Alpha",
        "name": "Alpha",
        "folder": "Alpha",
        "site": "example.org",
        "provider": "example",
        "link": SERIES.link,
        "description": "A story.",
        "year": 2011,
        "end_year": 2013,
        "genres": ("Action",),
        "external_ids": ("imdb-tt1",),
        "cover_url": "https://example.org/a.jpg",
        "monitored": False,
        "languages": ("ger-sub",),
        "wanted_languages": ("ger-sub",),
        "quality": "1080p",
        "unwanted_seasons": (4,),
        "list_rules": None,
        "added_at": "2026-01-01T12:00:00.000Z",
        "missing_episodes": {"1": (3,), "2": (1,)},
    }
    assert (bare.languages, bare.wanted_languages) == (None, ("ger-dub", "eng-sub"))
    assert (bare.quality, bare.added_at, bare.year, bare.monitored) == (None, None, None, True)
    assert AnimeDetail.of(make_series(episodes=0), ()).wanted_languages == ()


def test_a_series_in_a_list_has_its_counts_and_sizes() -> None:
    """Languages, quality and time of addition are null if it has none."""
    full = attrs.asdict(AnimeSummary.of(summarise(SERIES), 12))
    bare = AnimeSummary.of(summarise(make_series("beta", episodes=1)), 0)

    assert full == {
        "key": "alpha",
        "name": "Alpha",
        "site": "example.org",
        "folder": "Alpha",
        "missing_episodes": {"1": (3,), "2": (1,)},
        "link": SERIES.link,
        "provider": "example",
        "have": 1,
        "total": 3,
        "announced": 0,
        "cover_url": SERIES.cover_url,
        "year": 2011,
        "monitored": False,
        "languages": ("ger-sub",),
        "quality": "1080p",
        "size_bytes": 12,
        "added_at": "2026-01-01T12:00:00.000Z",
    }
    assert (bare.languages, bare.quality, bare.added_at) == (None, None, None)
    assert (bare.have, bare.total, bare.size_bytes, bare.monitored) == (0, 1, 0, True)


def test_a_file_has_its_state_with_the_reason_and_its_facts() -> None:
    """Files that were not inspected have no facts, and files that are present have no reason."""
    facts = attrs.asdict(FACTS)
    del facts["sound"]

    assert attrs.asdict(LibraryFileView.of(FILE)) == {
        "path": "Alpha/2.mkv",
        "size": 7,
        "state": "suspect",
        "key": "alpha",
        "season": 1,
        "numbers": (2,),
        "reason": REASON.to_wire(),
        "pinned": True,
        "linked": True,
        "facts": facts,
        "fingerprint": "f",
    }
    assert attrs.asdict(LibraryFileView.of(BARE_FILE)) == {
        "path": "x.mkv",
        "size": 0,
        "state": "present",
        "key": None,
        "season": None,
        "numbers": (),
        "reason": None,
        "pinned": False,
        "linked": False,
        "facts": None,
        "fingerprint": None,
    }


def test_an_inspection_lists_each_file_by_what_was_found() -> None:
    """Errors are listed by path."""
    error = LibraryNotSetError()
    report = InspectionReport(
        inspected=3, damaged=(BARE_FILE,), suspect=(FILE,), unreadable={"y.mkv": error}
    )

    assert InspectionView.of(report) == InspectionView(
        inspected=3,
        damaged=(LibraryFileView.of(BARE_FILE),),
        suspect=(LibraryFileView.of(FILE),),
        unreadable={"y.mkv": ErrorView.of(error)},
    )


def test_a_folder_without_a_series_has_its_marks_and_the_failed_catalogues() -> None:
    """The reason of a failure is there as English text, and as kind with values."""
    folder = AdoptableFolder(
        folder="Alpha",
        files=2,
        title="Alpha",
        year=2011,
        ids={"imdb": "tt1"},
        has_nfo=True,
        failures={"example": REASON},
    )

    assert attrs.asdict(AdoptableView.of(folder)) == {
        "folder": "Alpha",
        "files": 2,
        "title": "Alpha",
        "year": 2011,
        "ids": {"imdb": "tt1"},
        "has_nfo": True,
        "proposals": (),
        "failures": {"example": str(REASON)},
        "failure_messages": {"example": REASON.to_wire()},
    }


def test_each_link_of_a_list_is_added_known_or_failed() -> None:
    """A series says what was found on disk; a failure has its error."""
    existing = ExistingFiles(folders=("Alpha",), files=4, episodes=3, versions=2, unsure=1, extra=5)
    added = Addition(series=SERIES, created=True, existing=existing, notices=(REASON,))
    new = LinkResultView.of(LinkResult(link="a", addition=added), ())
    old = LinkResultView.of(
        LinkResult(link="b", addition=Addition(series=SERIES, created=False)), ()
    )
    error = LibraryNotSetError()
    failed = LinkResultView.of(LinkResult(link="c", error=error), ())

    assert (new.link, new.status, new.error) == ("a", "added", None)
    assert new.anime is not None
    assert new.anime.created
    assert new.anime.existing is not None
    assert attrs.asdict(new.anime.existing) == attrs.asdict(existing)
    assert new.anime.notices == (str(REASON),)
    assert new.anime.notice_messages == (REASON.to_wire(),)
    assert (old.link, old.status, old.error) == ("b", "known", None)
    assert old.anime is not None
    assert not old.anime.created
    assert (old.anime.existing, old.anime.notices) == (None, ())
    assert (failed.link, failed.status, failed.anime) == ("c", "failed", None)
    assert failed.error == ErrorView.of(error)


def test_a_report_of_a_scan_has_each_reason_as_text_and_as_kind_with_values() -> None:
    """Times have milliseconds; files that are ignored are listed on request."""
    failure = Failure.of(LibraryNotSetError())
    report = ScanReport(
        scan_id="s",
        series=1,
        files=2,
        missing=3,
        extra=("e.mkv",),
        unreadable={"u.mkv": REASON},
        failures={SeriesKey("alpha"): failure},
        duration_seconds=1.23456,
        unsure={"d.mkv": REASON},
        counts={FileState.PRESENT: 4},
        losses=(LibraryLoss(path="L", reason=REASON, lost=5, known=6, noted_at=START),),
        growing=("g.mkv",),
        deleted=(DeletedFile(episode=SERIES.ref(EPISODE), path="Alpha/2.mkv", noted_at=START),),
    )
    noted, message = "2026-01-01T12:00:00.000Z", REASON.to_wire()

    assert attrs.asdict(ScanReportView.of(report, [FILE, BARE_FILE])) == {
        "scan_id": "s",
        "series": 1,
        "files": 2,
        "missing": 3,
        "extra": ("e.mkv",),
        "unreadable": ("u.mkv",),
        "duration_seconds": 1.235,
        "reasons": {"u.mkv": str(REASON)},
        "reason_messages": {"u.mkv": message},
        "failures": {"alpha": failure.message},
        "failure_messages": {"alpha": failure.to_message().to_wire()},
        "unsure": {"d.mkv": message},
        "counts": {"present": 4},
        "losses": ({"path": "L", "reason": message, "lost": 5, "known": 6, "noted_at": noted},),
        "growing": ("g.mkv",),
        "deleted": (
            {
                "key": "alpha",
                "season": 1,
                "episode": 2,
                "code": "S01E02",
                "path": "Alpha/2.mkv",
                "noted_at": noted,
            },
        ),
        "ignored": {"Alpha/2.mkv": message, "x.mkv": message_to_wire("")},
    }
