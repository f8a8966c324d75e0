"""Domain values for tests: pass the fields that matter, others have defaults."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from aniworld_core.domain.access import Account, ApiKey, Role, Scope, Session
from aniworld_core.domain.catalogue import Episode, ListRules, SeasonPart, Series, Titles
from aniworld_core.domain.downloads import (
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    Priority,
    Progress,
)
from aniworld_core.domain.identity import (
    EpisodeRef,
    FolderName,
    ItemId,
    SeriesKey,
    SessionId,
    WorkerId,
)
from aniworld_core.domain.media import Language, Quality
from aniworld_core.messages import Message

#: Start time of tests.
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: Default series of items.
KEY = SeriesKey("attack-on-titan")
#: Default worker of claims.
WORKER = WorkerId("worker-1")
#: Default duration of claims.
LEASE = timedelta(minutes=1)


class EpisodeFields(TypedDict, total=False):
    """The fields of `Episode` that have defaults."""

    titles: Titles
    last_number: int | None
    languages: frozenset[Language] | None
    available: bool
    wanted: bool
    downloaded: bool
    file: str | None
    file_language: Language | None
    unavailable: Message | None
    link: str | None
    catalogue_id: str


class SeriesFields(TypedDict, total=False):
    """The fields of `Series` other than its key, name and episodes."""

    site: str
    provider: str
    folder: FolderName
    link: str
    provider_ref: str
    catalogue_key: SeriesKey | None
    description: str
    year: int | None
    end_year: int | None
    genres: tuple[str, ...]
    alternative_titles: tuple[str, ...]
    other_folders: tuple[str, ...]
    external_ids: tuple[str, ...]
    cover_url: str | None
    monitored: bool
    languages: tuple[Language, ...] | None
    quality: Quality | None
    unwanted_seasons: tuple[int, ...]
    parts: tuple[SeasonPart, ...]
    list_rules: ListRules | None
    added_at: datetime | None
    updated_at: datetime | None


class ItemFields(TypedDict, total=False):
    """The fields of `DownloadItem` other than its id and episode."""

    added_at: datetime
    status: DownloadStatus
    priority: Priority
    place: int
    not_before: datetime | None
    languages: tuple[Language, ...] | None
    quality: Quality | None
    claim: Claim | None
    progress: Progress
    failure: Failure | None
    retry_count: int
    language: Language | None
    provider: str
    hoster: str
    file: str | None
    notices: tuple[str, ...]
    reason: Message | None
    started_at: datetime | None
    completed_at: datetime | None
    revision: int


def at(seconds: float) -> datetime:
    """Return the time *seconds* after `START`."""
    return START + timedelta(seconds=seconds)


def make_episode(number: int = 1, season: int = 1, **fields: Unpack[EpisodeFields]) -> Episode:
    """Return an available episode that is not downloaded."""
    return Episode(season=season, number=number, **fields)


def make_series(
    key: str = KEY,
    *,
    name: str | None = None,
    episodes: Sequence[Episode] | int = 2,
    **fields: Unpack[SeriesFields],
) -> Series:
    """Return a series.

    Args:
        key: Key of the series, not validated.
        name: Name of the series; derived from the key by default.
        episodes: Episodes, or the number of episodes of season 1.
        fields: Other fields.
    """
    title = key.replace("-", " ").title() if name is None else name
    defaults: SeriesFields = {
        "site": "example.org",
        "provider": "example",
        "folder": FolderName(title or key),
        "link": f"https://example.org/series/{key}",
    }
    listed = (
        tuple(make_episode(number) for number in range(1, episodes + 1))
        if isinstance(episodes, int)
        else tuple(episodes)
    )
    return Series(key=SeriesKey(key), name=title, episodes=listed, **(defaults | fields))


def make_item(
    number: int = 1, *, episode: EpisodeRef | None = None, **fields: Unpack[ItemFields]
) -> DownloadItem:
    """Return a pending item.

    Args:
        number: Number for the id, the episode of season 1 and the seconds after `START` at which
            it was added, unless those are given.
        episode: Episode of the item.
        fields: Other fields.
    """
    defaults: ItemFields = {"added_at": at(number)}
    return DownloadItem(
        id=make_item_id(number),
        episode=EpisodeRef(KEY, 1, number) if episode is None else episode,
        **(defaults | fields),
    )


def make_item_id(number: int) -> ItemId:
    """Return the id of `make_item` for this number."""
    return ItemId(str(uuid.UUID(int=number)))


def make_claim(worker: str = WORKER, *, since: datetime = START, lease: timedelta = LEASE) -> Claim:
    """Return a claim of a worker that starts at *since* and lasts for *lease*."""
    return Claim.lasting(WorkerId(worker), since, lease)


def make_failure(
    kind: str = "source_gone", *, message: str = "the file is gone", retryable: bool = False
) -> Failure:
    """Return the stored form of an error."""
    return Failure(kind=kind, message=message, retryable=retryable)


def make_session(
    number: int = 1,
    *,
    user: str = "master",
    created_at: datetime = START,
    expires_at: datetime = START + timedelta(days=1),
    revoked_at: datetime | None = None,
) -> Session:
    """Return an active session with an id from *number*."""
    return Session(
        id=SessionId(f"session-{number}"),
        user=user,
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )


def make_account(
    number: int = 1,
    *,
    name: str = "",
    role: Role = Role.VIEW,
    password_hash: str | None = None,
    revision: int = 0,
) -> Account:
    """Return an account with id and, unless given, name from *number*."""
    return Account(
        id=f"user-{number}",
        name=name or f"User {number}",
        role=role,
        password_hash=password_hash,
        created_at=START,
        revision=revision,
    )


def make_api_key(
    number: int = 1,
    *,
    name: str = "phone",
    scope: Scope = Scope.READ,
    created_at: datetime = START,
    last_used_at: datetime | None = None,
    user: str = "master",
) -> ApiKey:
    """Return an API key with id and digest from *number*."""
    return ApiKey(
        id=f"key-{number}",
        name=name,
        scope=scope,
        digest=f"{number:x}".rjust(64, "a"),
        created_at=created_at,
        last_used_at=last_used_at,
        user=user,
    )
