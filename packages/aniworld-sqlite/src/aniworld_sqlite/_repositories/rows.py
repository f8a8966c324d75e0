"""Convert rows to domain values and back without losing data."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

# As modules: a name is imported when a row of its kind is read.
from aniworld_core.domain import access, automation, catalogue, downloads
from aniworld_core.domain.catalogue import Episode, Series, Titles
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import Language, Quality
from aniworld_core.messages import Message, message_from_wire, values_from_wire, values_to_wire
from aniworld_sqlite._dialects import json_rows
from aniworld_sqlite._schema import episodes

#: Values of one row by column name.
Values: TypeAlias = dict[str, object]


def listed(texts: Iterable[str]) -> sa.Select[Any]:
    """Return the query of these texts, for `IN`."""
    return sa.select(json_rows(texts).c.value)


def listed_numbers(numbers: Iterable[int]) -> sa.Select[Any]:
    """Return the query of these numbers, for `IN`."""
    return sa.select(sa.cast(json_rows(numbers).c.value, sa.BigInteger))


def series_values(series: Series) -> Values:
    """Return the row of a series, without its episodes."""
    return {
        "key": series.key,
        "name": series.name,
        "name_folded": series.name.casefold(),
        "name_sorted": catalogue.sort_name(series.name),
        "search_text": catalogue.search_text(series.name, series.alternative_titles),
        "site": series.site,
        "provider": series.provider,
        "provider_ref": series.provider_ref,
        "catalogue_key": series.catalogue_key,
        "folder": series.folder,
        "link": series.link,
        "description": series.description,
        "year": series.year,
        "end_year": series.end_year,
        "genres": series.genres,
        "alternative_titles": series.alternative_titles,
        "other_folders": series.other_folders,
        "external_ids": series.external_ids,
        "cover_url": series.cover_url,
        "monitored": series.monitored,
        "languages": _codes(series.languages),
        "quality": series.quality,
        "unwanted_seasons": series.unwanted_seasons,
        "parts": series.parts,
        "list_rules": series.list_rules and catalogue.rules_to_json(series.list_rules),
        "created_at": series.added_at,
        "updated_at": series.updated_at,
        "deleted_at": None,
    }


def series_from_row(row: sa.RowMapping, listed: Iterable[Episode]) -> Series:
    """Return the series of a row."""
    return Series(
        key=row["key"],
        name=row["name"],
        site=row["site"],
        provider=row["provider"],
        provider_ref=row["provider_ref"],
        catalogue_key=row["catalogue_key"],
        folder=row["folder"],
        link=row["link"],
        description=row["description"],
        year=row["year"],
        end_year=row["end_year"],
        genres=row["genres"],
        alternative_titles=row["alternative_titles"],
        other_folders=row["other_folders"],
        external_ids=row["external_ids"],
        cover_url=row["cover_url"],
        monitored=row["monitored"],
        languages=languages_of(row["languages"]),
        quality=quality_of(row["quality"]),
        unwanted_seasons=row["unwanted_seasons"],
        parts=row["parts"],
        list_rules=row["list_rules"] and catalogue.rules_from_json(row["list_rules"]),
        added_at=row["created_at"],
        updated_at=row["updated_at"],
        episodes=tuple(listed),
    )


def episode_values(series_id: int, episode: Episode, noted_at: datetime | None) -> Values:
    """Return the row of an episode, with the time of its last change."""
    seen = episode.languages
    return {
        "series_id": series_id,
        "season": episode.season,
        "episode_number": episode.number,
        "last_number": episode.last_number,
        "title": episode.titles.de or episode.titles.en,
        "title_de": episode.titles.de,
        "title_en": episode.titles.en,
        "languages": None if seen is None else _codes(tuple(sorted(seen))),
        "available": episode.available,
        "wanted": episode.wanted,
        "is_downloaded": episode.downloaded,
        "file_path": episode.file,
        "file_language": _code(episode.file_language),
        "unavailable": episode.unavailable and episode.unavailable.to_wire(),
        "link": episode.link,
        "catalogue_id": episode.catalogue_id,
        "created_at": noted_at,
        "updated_at": noted_at,
    }


#: Columns of an episode, as `episode_from_row` expects them. JSON stays text: most is empty, and a
#: conversion would be called for each row.
EPISODE_COLUMNS: Final = (
    episodes.c.season,
    episodes.c.episode_number,
    episodes.c.last_number,
    episodes.c.title_de,
    episodes.c.title_en,
    sa.type_coerce(episodes.c.languages, sa.Text),
    episodes.c.available,
    episodes.c.wanted,
    episodes.c.is_downloaded,
    episodes.c.file_path,
    episodes.c.file_language,
    sa.type_coerce(episodes.c.unavailable, sa.Text),
    episodes.c.link,
    episodes.c.catalogue_id,
)
_NO_TITLES: Final = Titles()


def episode_from_row(row: Sequence[Any]) -> Episode:
    """Return the episode of a row: an id, then `EPISODE_COLUMNS`.

    A scan reads 100,000 of them, so the columns have places instead of names.
    """
    _, season, number, last, title_de, title_en, codes, available, wanted, downloaded, *rest = row
    file, language, unavailable, link, catalogue_id = rest
    return Episode(
        season=season,
        number=number,
        titles=_NO_TITLES if title_de is None is title_en else Titles(de=title_de, en=title_en),
        last_number=last,
        languages=None if codes is None else frozenset(map(Language, json.loads(codes))),
        available=available,
        wanted=wanted,
        downloaded=downloaded,
        file=file,
        file_language=None if language is None else Language(language),
        unavailable=None if unavailable is None else message_from_wire(json.loads(unavailable)),
        link=link,
        catalogue_id=catalogue_id,
    )


def item_values(item: "downloads.DownloadItem") -> Values:
    """Return the row of an item, without the columns copied from its series."""
    claim, failure = item.claim, item.failure
    waits_until = item.not_before if item.status is downloads.DownloadStatus.PENDING else None
    return {
        "id": item.id,
        "serie_id": item.episode.series_key,
        "season": item.episode.season,
        "episode": item.episode.number,
        "status": item.status,
        "priority": int(item.priority),
        "place": item.place,
        "not_before": item.not_before,
        "languages": _codes(item.languages),
        "quality": item.quality,
        "claim_worker": claim and claim.worker,
        "claim_at": claim and claim.at,
        "claim_expires_at": claim and claim.expires_at,
        **failure_values(failure),
        "replaces": item.replaces,
        "is_open": item.is_open,
        "is_ready": item.status is downloads.DownloadStatus.PENDING and waits_until is None,
        "waits_until": waits_until,
        "retry_count": item.retry_count,
        "language": _code(item.language),
        "provider": item.provider,
        "hoster": item.hoster,
        "file_path": item.file,
        "notices": item.notices,
        "reason": None if item.reason is None else item.reason.to_wire(),
        "added_at": item.added_at,
        "started_at": item.started_at,
        "completed_at": item.completed_at,
        "revision": item.revision,
    } | progress_values(item.progress)


def progress_values(progress: "downloads.Progress") -> Values:
    """Return the columns of an item's progress."""
    return {
        "progress_percent": progress.percent,
        "downloaded_bytes": progress.downloaded_bytes,
        "total_bytes": progress.total_bytes,
        "rate": progress.rate,
        "fraction": progress.fraction,
        "phase": progress.phase,
    }


def item_from_row(row: sa.RowMapping) -> "downloads.DownloadItem":
    """Return the item of a row."""
    return downloads.DownloadItem(
        id=row["id"],
        episode=EpisodeRef(row["serie_id"], row["season"], row["episode"]),
        added_at=row["added_at"],
        status=downloads.DownloadStatus(row["status"]),
        priority=downloads.Priority(row["priority"]),
        place=row["place"],
        not_before=row["not_before"],
        languages=languages_of(row["languages"]),
        quality=quality_of(row["quality"]),
        claim=_claim(row),
        progress=downloads.Progress(
            downloaded_bytes=row["downloaded_bytes"],
            total_bytes=row["total_bytes"],
            rate=row["rate"],
            fraction=row["fraction"],
            phase=downloads.Phase(row["phase"]),
        ),
        failure=failure_from_row(row),
        replaces=row["replaces"],
        retry_count=row["retry_count"],
        language=_language(row["language"]),
        provider=row["provider"],
        hoster=row["hoster"],
        file=row["file_path"],
        notices=row["notices"],
        reason=None if row["reason"] is None else message_from_wire(row["reason"]),
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        revision=row["revision"],
    )


def entry_from_row(row: sa.RowMapping) -> "downloads.QueueEntry":
    """Return an item with the data of its series; `series_name` is empty if that was deleted."""
    series = None
    if row["series_name"] is not None:
        series = downloads.EntrySeries(
            name=row["series_name"],
            folder=row["series_folder"],
            languages=languages_of(row["series_languages"]),
            titles=Titles(de=row["title_de"], en=row["title_en"]),
        )
    return downloads.QueueEntry(item=item_from_row(row), series=series)


def session_values(session: "access.Session") -> Values:
    """Return the row of a session."""
    return {
        "id": session.id,
        "user": session.user,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
        "revoked_at": session.revoked_at,
    }


def session_from_row(row: sa.RowMapping) -> "access.Session":
    """Return the session of a row."""
    return access.Session(**row)


def account_values(account: "access.Account") -> Values:
    """Return the row of an account."""
    return {
        "id": account.id,
        "name": account.name,
        "folded_name": account.folded_name,
        "role": account.role,
        "password_hash": account.password_hash,
        "language": account.language,
        "is_disabled": account.is_disabled,
        "created_at": account.created_at,
        "revision": account.revision,
    }


def account_from_row(row: sa.RowMapping) -> "access.Account":
    """Return the account of a row."""
    values = {name: value for name, value in row.items() if name != "folded_name"}
    return access.Account(**{**values, "role": access.Role(row["role"])})


def api_key_values(key: "access.ApiKey") -> Values:
    """Return the row of an API key."""
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "digest": key.digest,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "user": key.user,
    }


def api_key_from_row(row: sa.RowMapping) -> "access.ApiKey":
    """Return the API key of a row."""
    return access.ApiKey(**{**row, "scope": access.Scope(row["scope"])})


def schedule_values(state: "automation.ScheduleState") -> Values:
    """Return the row of the schedule, without its id."""
    return {
        "last_run": state.last_run,
        "last_result": state.last_result,
        "last_result_message": _wire(state.last_result),
        "holder": state.holder,
        "held_until": state.held_until,
    }


def schedule_from_row(row: sa.RowMapping) -> "automation.ScheduleState":
    """Return the schedule of a row."""
    return automation.ScheduleState(
        last_run=row["last_run"],
        last_result=message_from_wire(row["last_result_message"]) or row["last_result"],
        holder=row["holder"],
        held_until=row["held_until"],
    )


def _claim(row: sa.RowMapping) -> "downloads.Claim | None":
    if row["claim_worker"] is None:
        return None
    return downloads.Claim(
        worker=row["claim_worker"], at=row["claim_at"], expires_at=row["claim_expires_at"]
    )


def failure_values(failure: "downloads.Failure | None") -> Values:
    """Return the columns of a failure; all empty if there is none."""
    return {
        "error": failure and failure.message,
        "error_kind": failure and failure.kind,
        "error_category": failure and failure.category,
        "error_retryable": failure and failure.retryable,
        "error_link": failure and failure.link,
        "error_values": failure and values_to_wire(failure.values),
    }


def failure_from_row(row: sa.RowMapping) -> "downloads.Failure | None":
    """Return the failure in its columns."""
    if row["error_kind"] is None:
        return None
    return downloads.Failure(
        kind=row["error_kind"],
        message=row["error"],
        retryable=row["error_retryable"],
        link=row["error_link"],
        category=row["error_category"],
        values=values_from_wire(row["error_values"] or {}),
    )


def _wire(text: str) -> dict[str, Any] | None:
    return text.to_wire() if isinstance(text, Message) else None


def quality_of(value: str | None) -> Quality | None:
    return None if value is None else Quality(value)


def _code(language: Language | None) -> str | None:
    return None if language is None else language.code


def _language(code: str | None) -> Language | None:
    return None if code is None else Language(code)


def _codes(languages: tuple[Language, ...] | None) -> tuple[str, ...] | None:
    return None if languages is None else tuple(language.code for language in languages)


def languages_of(codes: tuple[str, ...] | None) -> tuple[Language, ...] | None:
    return None if codes is None else tuple(Language(code) for code in codes)
