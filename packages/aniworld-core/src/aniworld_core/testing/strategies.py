"""Hypothesis strategies for domain values that a repository must store exactly."""

import string
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from aniworld_core.domain.access import Session
from aniworld_core.domain.catalogue import (
    Episode,
    ListOrder,
    ListRules,
    SeasonPart,
    SeasonRule,
    Series,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    Titles,
)
from aniworld_core.domain.downloads import (
    OPEN_STATUSES,
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    Phase,
    Priority,
    Progress,
)
from aniworld_core.domain.identity import (
    MAX_EPISODE,
    EpisodeRef,
    FolderName,
    ItemId,
    SeriesKey,
    SessionId,
    WorkerId,
)
from aniworld_core.domain.media import (
    ENG_DUB,
    ENG_SUB,
    GER_DUB,
    GER_SUB,
    JPN,
    Checksum,
    Language,
    MediaSource,
    Quality,
    StreamKind,
)
from aniworld_core.messages import Message

_MAX_BYTES = 2**50
_LOWER = string.ascii_lowercase + string.digits

#: Aware UTC times to the microsecond.
times: st.SearchStrategy[datetime] = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
#: Text of any script with control characters, without surrogates.
texts: st.SearchStrategy[str] = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
#: Names with umlauts and wildcard characters.
names: st.SearchStrategy[str] = st.text("aAbBzZäÄöÖß%_\\ 1", min_size=1, max_size=8) | texts.filter(
    bool
)
series_keys: st.SearchStrategy[SeriesKey] = st.lists(
    st.text(_LOWER, min_size=1, max_size=6), min_size=1, max_size=3
).map(lambda words: SeriesKey("-".join(words)))
episode_refs: st.SearchStrategy[EpisodeRef] = st.builds(
    EpisodeRef,
    series_keys,
    st.integers(0, 30),
    st.integers(0, MAX_EPISODE),
)
languages: st.SearchStrategy[Language] = st.sampled_from(
    [GER_DUB, GER_SUB, ENG_DUB, ENG_SUB, JPN, Language("fr")]
)
language_orders: st.SearchStrategy[tuple[Language, ...]] = st.lists(
    languages, max_size=4, unique=True
).map(tuple)
qualities: st.SearchStrategy[Quality] = st.sampled_from(Quality)
item_ids: st.SearchStrategy[ItemId] = st.uuids(version=4).map(lambda made: ItemId(str(made)))
worker_ids: st.SearchStrategy[WorkerId] = st.sampled_from(["worker-1", "worker-2"]).map(WorkerId)
session_ids: st.SearchStrategy[SessionId] = st.uuids(version=4).map(
    lambda made: SessionId(str(made))
)
titles: st.SearchStrategy[Titles] = st.builds(Titles, de=st.none() | texts, en=st.none() | texts)
progresses: st.SearchStrategy[Progress] = st.builds(
    Progress,
    downloaded_bytes=st.integers(0, _MAX_BYTES),
    total_bytes=st.none() | st.integers(0, _MAX_BYTES),
    rate=st.floats(0, 1e12),
    fraction=st.none() | st.floats(0, 1),
    phase=st.sampled_from(Phase),
)
failures: st.SearchStrategy[Failure] = st.builds(
    Failure,
    kind=texts,
    message=texts,
    retryable=st.booleans(),
    link=st.none() | texts,
    category=st.sampled_from(["UnavailableError", "UnusableError"]),
    values=st.dictionaries(texts, texts | st.integers(0, 2**40) | st.none(), max_size=2),
)
claims: st.SearchStrategy[Claim] = st.builds(
    Claim.lasting,
    worker_ids,
    times,
    st.timedeltas(timedelta(0), timedelta(hours=1)),
)
media_sources: st.SearchStrategy[MediaSource] = st.builds(
    MediaSource,
    provider=names,
    hoster=names,
    url=st.just("https://example.org/media"),
    language=st.none() | languages,
    kind=st.none() | st.sampled_from(StreamKind),
    height=st.none() | st.integers(1, 4320),
    size=st.none() | st.integers(0, _MAX_BYTES),
    checksum=st.none() | st.just(Checksum("md5", "0" * 32)),
    duration=st.none() | st.floats(0, 1e6),
)
sessions: st.SearchStrategy[Session] = st.builds(
    Session,
    id=session_ids,
    user=texts,
    created_at=times,
    expires_at=times,
    revoked_at=st.none() | times,
)
queries: st.SearchStrategy[SeriesQuery] = st.builds(
    SeriesQuery,
    filter=st.sampled_from(SeriesFilter),
    search=st.just("") | st.text("aAäÄßsS%_\\", max_size=2),
    sort=st.sampled_from(SeriesSort),
    limit=st.none() | st.integers(0, 5),
    offset=st.integers(0, 3),
)


@st.composite
def episodes(
    draw: st.DrawFn,
    seasons: st.SearchStrategy[int] = st.integers(0, 30),  # noqa: B008 - strategies are values
    numbers: st.SearchStrategy[int] = st.integers(0, MAX_EPISODE),  # noqa: B008
) -> Episode:
    """Draw an episode; a downloaded one has a file."""
    downloaded = draw(st.booleans())
    number = draw(numbers)
    return Episode(
        season=draw(seasons),
        number=number,
        titles=draw(titles),
        last_number=draw(st.none() | st.just(number + 1)),
        languages=draw(st.none() | st.frozensets(languages)),
        available=draw(st.booleans()),
        wanted=draw(st.booleans()),
        downloaded=downloaded,
        file=draw(texts) if downloaded else None,
        file_language=draw(st.none() | languages) if downloaded else None,
        unavailable=draw(st.none() | st.just(Message("entry_private"))),
        link=draw(st.none() | texts),
        catalogue_id=draw(texts),
    )


season_parts: st.SearchStrategy[SeasonPart] = st.builds(
    SeasonPart,
    ordinal=st.integers(2, 20),
    season=st.integers(1, 20),
    before=st.integers(0, 100),
    count=st.none() | st.integers(1, 100),
    year=st.none() | st.integers(1900, 2100),
    titles=st.lists(texts, max_size=2).map(tuple),
)
#: Rules of lists; every field has its default and another value.
list_rules: st.SearchStrategy[ListRules] = st.builds(
    ListRules,
    include=st.lists(names.filter(str.strip), max_size=2).map(tuple),
    exclude=st.lists(names.filter(str.strip), max_size=2).map(tuple),
    published_from=st.none() | st.dates(max_value=date(2020, 1, 1)),
    published_until=st.none() | st.dates(min_value=date(2020, 1, 1)),
    min_seconds=st.none() | st.integers(0, 60),
    max_seconds=st.none() | st.integers(60, 10_000),
    live=st.booleans(),
    shorts=st.booleans(),
    newest=st.none() | st.integers(1, 100),
    seasons=st.none() | st.sampled_from(SeasonRule),
    order=st.sampled_from(ListOrder),
)


@st.composite
def series(draw: st.DrawFn, keys: st.SearchStrategy[SeriesKey] = series_keys) -> Series:
    """Draw a series with up to six episodes."""
    listed = st.lists(
        episodes(st.integers(0, 3), st.integers(0, 20)),
        max_size=6,
        unique_by=lambda episode: (episode.season, episode.number),
    )
    return draw(
        st.builds(
            Series,
            key=keys,
            name=names,
            site=texts,
            provider=texts,
            folder=names.map(FolderName),
            link=texts,
            provider_ref=texts,
            catalogue_key=st.none() | series_keys,
            description=texts,
            year=st.none() | st.integers(1900, 2100),
            end_year=st.none() | st.integers(1900, 2100),
            genres=st.lists(texts, max_size=3).map(tuple),
            alternative_titles=st.lists(texts, max_size=3).map(tuple),
            other_folders=st.lists(texts, max_size=2).map(tuple),
            external_ids=st.lists(texts, max_size=2).map(tuple),
            cover_url=st.none() | texts,
            monitored=st.booleans(),
            languages=st.none() | language_orders,
            quality=st.none() | qualities,
            unwanted_seasons=st.sets(st.integers(0, 99), max_size=3).map(sorted).map(tuple),
            parts=st.lists(season_parts, max_size=2).map(tuple),
            list_rules=st.none() | list_rules,
            added_at=st.none() | times,
            updated_at=st.none() | times,
            episodes=listed.map(tuple),
        )
    )


@st.composite
def items(draw: st.DrawFn, ids: st.SearchStrategy[ItemId] = item_ids) -> DownloadItem:
    """Draw an item whose fields agree with its status: only one downloading has a claim."""
    status = draw(st.sampled_from(DownloadStatus))
    active = status is DownloadStatus.DOWNLOADING
    return DownloadItem(
        id=draw(ids),
        episode=draw(episode_refs),
        added_at=draw(times),
        status=status,
        priority=draw(st.sampled_from(Priority)),
        place=draw(st.integers(-(2**40), 2**40)),
        not_before=draw(st.none() | times),
        languages=draw(st.none() | language_orders),
        quality=draw(st.none() | qualities),
        claim=draw(claims) if active else None,
        progress=draw(progresses),
        failure=draw(st.none() | failures),
        retry_count=draw(st.integers(0, 100)),
        language=draw(st.none() | languages),
        provider=draw(texts),
        hoster=draw(texts),
        file=draw(st.none() | texts),
        notices=draw(st.lists(texts, max_size=3).map(tuple)),
        started_at=draw(st.none() | times),
        completed_at=None if status in OPEN_STATUSES else draw(times),
    )


#: Batches of items that a repository accepts together: every id and episode once.
batches: st.SearchStrategy[list[DownloadItem]] = st.lists(
    items(), max_size=6, unique_by=(lambda i: i.id, lambda i: i.episode)
)
