"""Turn a stored listing into a series of the catalogue."""

from typing import Final
from urllib.parse import urlsplit

from aniworld_core.domain.catalogue import Episode, ListRules, Series, Titles
from aniworld_core.domain.media import Language, MediaSource, parse_language
from aniworld_core.errors import InvalidLanguageError
from aniworld_core.messages import Message
from aniworld_providers.catalogues.ytdlp.stored import StoredListing
from aniworld_providers.listings import StoredEntry, series_of_list
from aniworld_providers.ytdlp import EntryState, ListedEntry

NAME: Final = "ytdlp"
SITE: Final = "yt-dlp"
#: Why an entry of a state cannot be downloaded.
_REASONS: Final = {
    EntryState.LIVE: Message("entry_live"),
    EntryState.UPCOMING: Message("entry_upcoming"),
    EntryState.PRIVATE: Message("entry_private"),
    EntryState.MEMBERS_ONLY: Message("entry_members_only"),
    EntryState.LOGIN: Message("entry_login"),
    EntryState.AGE: Message("entry_age"),
    EntryState.REGION: Message("entry_region"),
    EntryState.GONE: Message("entry_gone"),
    EntryState.AUDIO_ONLY: Message("entry_audio_only"),
}


def series_of(listing: StoredListing, rules: ListRules) -> Series:
    """Return the series of a listing with the entries that the rules take."""
    return series_of_list(listing, rules, _episode, provider=NAME, site=SITE)


def _episode(stored: StoredEntry[ListedEntry]) -> Episode:
    title, language = stored.entry.title or None, language_of(stored)
    is_german = language is not None and language.audio == "deu"
    return Episode(
        season=stored.season,
        number=stored.number,
        titles=Titles(de=title) if is_german else Titles(en=title),
        languages=None if language is None else frozenset({language}),
        available=is_available(stored),
        unavailable=why_unavailable(stored),
        link=stored.entry.url,
        catalogue_id=stored.entry.id,
    )


def is_available(stored: StoredEntry[ListedEntry]) -> bool:
    """Return whether an entry can be downloaded."""
    return why_unavailable(stored) is None


def why_unavailable(stored: StoredEntry[ListedEntry]) -> Message | None:
    """Return why an entry cannot be downloaded; `None` if it can."""
    if not stored.is_listed:
        return Message("entry_not_listed")
    return reason_of(stored.entry.state)


def reason_of(state: EntryState) -> Message | None:
    """Return why a video in a state cannot be downloaded; `None` if it can."""
    return _REASONS.get(state)


def language_of(stored: StoredEntry[ListedEntry]) -> Language | None:
    """Return the language of an entry; `None` if its site gives none."""
    if stored.entry.language is None:
        return None
    try:
        return parse_language(stored.entry.language)
    except InvalidLanguageError:
        return None


def source_of(stored: StoredEntry[ListedEntry]) -> MediaSource:
    """Return the page of an entry as a source."""
    return MediaSource(
        provider=NAME,
        hoster=urlsplit(stored.entry.url).hostname or SITE,
        url=stored.entry.url,
        language=language_of(stored),
        duration=stored.entry.duration,
    )
