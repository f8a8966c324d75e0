"""Calendar as an iCalendar document (RFC 5545) for calendar programs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from aniworld_core.domain.automation import Airing, AiringState, CalendarEntry, ExpectedVersion
from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.media import Language
from aniworld_http.rendering.texts import Texts

if TYPE_CHECKING:
    from icalendar import Event

#: How often programs should read the feed again (RFC 7986, section 5.7).
_REFRESH: Final = timedelta(hours=4)


def encode_feed(entries: Iterable[CalendarEntry], t: Texts, now: datetime) -> bytes:
    """Return an iCalendar document; blocks, and loads a large library at its first call.

    Broadcasts have a time in UTC and no duration, because sources do not agree on one. Expected
    versions are whole days (UTC). The id of an event depends only on series, episode and language.

    Args:
        entries: The entries; unwanted ones are left out.
        t: Texts of the language.
        now: The time of the document.
    """
    # Imported here, because it takes a third of a second and few servers have a feed.
    from icalendar import Calendar, Event

    document = Calendar()
    document.add("prodid", "-//Aniworld//Calendar//EN")
    document.add("version", "2.0")
    document.add("method", "PUBLISH")
    document.add("x-wr-calname", t("calendar.feed_name"))
    document.add("name", t("calendar.feed_name"))
    document.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        if isinstance(entry, Airing) and entry.state is AiringState.UNWANTED:
            continue
        event = Event()
        event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
        event.add("transp", "TRANSPARENT")
        _add_facts(event, entry, t)
        document.add_component(event)
    return bytes(document.to_ical())


def _add_facts(event: "Event", entry: CalendarEntry, t: Texts) -> None:
    uid = f"{entry.key}-{entry.code.lower()}"
    title = _title(entry.titles, t)
    if isinstance(entry, Airing):
        event.add("uid", f"{uid}@aniworld")
        event.add("summary", _text(" ".join(filter(None, (entry.name, entry.code, title)))))
        event.add("dtstart", entry.at.astimezone(UTC))
        event.add("description", t(f"calendar.state.{entry.state}"))
        event.add("status", "CONFIRMED")
        return
    language = _language(entry.language, t)
    first, last = entry.days(UTC)
    event.add("uid", f"{uid}-{entry.language.code.replace('+', '-')}@aniworld")
    expected = t("calendar.version_expected", language=language)
    event.add("summary", _text(f"{entry.name} {entry.code}: {expected}"))
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("description", _text("\n".join(filter(None, (title, _evidence(entry, t))))))
    event.add("status", "TENTATIVE")


def _title(titles: Titles, t: Texts) -> str:
    first, second = (titles.de, titles.en) if t.language == "de" else (titles.en, titles.de)
    return first or second or ""


def _language(language: Language, t: Texts) -> str:
    """Return the name of a language; in English if there is no translation."""
    try:
        return t(f"language.{language.code}")
    except KeyError:
        return language.label


def _evidence(entry: ExpectedVersion, t: Texts) -> str:
    learned = entry.learned
    name = "calendar.evidence_series" if learned.of_series else "calendar.evidence_all"
    return t(name, n=learned.episodes, percent=round(learned.confidence * 100))


def _text(text: str) -> str:
    """Return a text without characters that RFC 5545 does not allow in one."""
    plain = text.encode("utf-8", "replace").decode()
    return "".join(c for c in plain if c == "\n" or c.isprintable())
