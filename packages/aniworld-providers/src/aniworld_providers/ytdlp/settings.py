"""Settings below `providers.ytdlp`, of the catalogue and the resolver."""

import attrs

from aniworld_core.domain.configuration import SECONDS, Setting, setting
from aniworld_core.domain.media import Extra
from aniworld_providers.ytdlp.sleeps import (
    MAX_DOWNLOADS,
    MAX_REQUESTS,
    SITE_SLEEPS,
    Sleeps,
    parse_sleeps,
    sleeps_at,
)


@attrs.frozen(kw_only=True)
class YtDlpSettings:
    """Settings of catalogue and resolver.

    Attributes:
        seasons: How entries without numbers of their own are divided into seasons. Numbers once
            given to an entry stay.
        cookies: Path of the owner's cookie file, used by the catalogue and the resolver.
        chapters: Whether downloaded files get the chapters of their page.
        thumbnail: Whether downloaded files get the picture of their page as a cover.
        automatic_subtitles: Whether automatic captions are used where there are no others.
        sponsorblock: Whether downloaded files get marks of SponsorBlock as chapters.
        sleep_interval_requests: Least seconds between two requests to a site.
        sleep_interval: Shortest pause between two downloads from a site in seconds.
        max_sleep_interval: Longest pause between them; below `sleep_interval` it is ignored.
        site_sleeps: Pauses of single sites, as `parse_sleeps` reads them.
    """

    seasons: str = setting(
        "one",
        Setting(
            choices=("one", "year"),
            labels={"en": "Seasons", "de": "Staffeln"},
            hints={
                "en": "For entries that the site does not number: one season, or one per year. "
                "Applies to series added later, unless a series has its own numbering.",
                "de": "Für Einträge, die die Website nicht nummeriert: eine Staffel oder eine je "
                "Jahr. Gilt für später hinzugefügte Serien ohne eigene Nummerierung.",
            },
        ),
    )
    cookies: str = setting(
        "",
        Setting(
            needs_password=True,
            labels={"en": "Cookie file", "de": "Cookie-Datei"},
            hints={
                "en": "Absolute path of a file in the Netscape format with mode 0600, for sites "
                "that show you videos only after you sign in. Each cookie is sent only to its "
                "site.",
                "de": "Absoluter Pfad einer Datei im Netscape-Format mit Modus 0600, für "
                "Websites, die dir Videos nur nach der Anmeldung zeigen. Jedes Cookie geht nur "
                "an seine Website.",
            },
        ),
    )
    chapters: bool = setting(
        default=False,
        description=Setting(
            labels={"en": "Chapters", "de": "Kapitel"},
            hints={
                "en": "Write the chapters that the site names into the downloaded file.",
                "de": "Die Kapitel, die die Website nennt, in die heruntergeladene Datei "
                "schreiben.",
            },
        ),
    )
    thumbnail: bool = setting(
        default=False,
        description=Setting(
            labels={"en": "Thumbnail", "de": "Vorschaubild"},
            hints={
                "en": "Put the picture of the page into the downloaded file as its cover.",
                "de": "Das Bild der Seite als Titelbild in die heruntergeladene Datei aufnehmen.",
            },
        ),
    )
    automatic_subtitles: bool = setting(
        default=False,
        description=Setting(
            labels={"en": "Automatic subtitles", "de": "Automatische Untertitel"},
            hints={
                "en": "Use captions made by speech recognition in languages without other "
                "subtitles, and machine translations into the wanted languages.",
                "de": "Für Sprachen ohne andere Untertitel solche aus Spracherkennung verwenden, "
                "und maschinelle Übersetzungen in die gewünschten Sprachen.",
            },
        ),
    )
    sponsorblock: bool = setting(
        default=False,
        description=Setting(
            labels={"en": "SponsorBlock marks", "de": "SponsorBlock-Marken"},
            hints={
                "en": "Mark sponsored parts of YouTube videos as chapters; nothing is cut. Asks "
                "sponsor.ajay.app with a part of a hash of the video's id.",
                "de": "Werbliche Teile von YouTube-Videos als Kapitel markieren; nichts wird "
                "herausgeschnitten. Fragt sponsor.ajay.app mit einem Teil eines Hashes der "
                "Video-Kennung.",
            },
        ),
    )

    sleep_interval_requests: float = setting(
        0.0,
        Setting(
            bounds=(0, MAX_REQUESTS),
            unit=SECONDS,
            labels={"en": "Pause between requests", "de": "Pause zwischen Anfragen"},
            hints={
                "en": "Least time between two requests to a site. `requests_per_minute` applies "
                "too; the longer pause counts.",
                "de": "Mindestzeit zwischen zwei Anfragen an eine Website. `requests_per_minute` "
                "gilt ebenso; die längere Pause zählt.",
            },
        ),
    )
    sleep_interval: float = setting(
        0.0,
        Setting(
            bounds=(0, MAX_DOWNLOADS),
            unit=SECONDS,
            labels={"en": "Shortest pause between downloads", "de": "Kürzeste Downloadpause"},
            hints={
                "en": "Time to wait before the next download from the same site.",
                "de": "Wartezeit vor dem nächsten Download von derselben Website.",
            },
        ),
    )
    max_sleep_interval: float = setting(
        0.0,
        Setting(
            bounds=(0, MAX_DOWNLOADS),
            unit=SECONDS,
            labels={"en": "Longest pause between downloads", "de": "Längste Downloadpause"},
            hints={
                "en": "If it is longer than the shortest, each pause is a random time between.",
                "de": "Ist sie länger als die kürzeste, liegt jede Pause zufällig dazwischen.",
            },
        ),
    )
    site_sleeps: tuple[str, ...] = setting(
        (),
        Setting(
            form=SITE_SLEEPS,
            is_unique=True,
            labels={"en": "Pauses of single sites", "de": "Pausen einzelner Websites"},
            hints={
                "en": "A host with its pauses in seconds, which replace those above for it and its "
                "subdomains.",
                "de": "Ein Host mit seinen Pausen in Sekunden. Sie ersetzen die obigen für ihn und "
                "seine Subdomains.",
            },
        ),
    )

    def sleeps(self, host: str) -> Sleeps:
        """Return the pauses at a host."""
        general = Sleeps(
            requests=self.sleep_interval_requests,
            downloads=(
                self.sleep_interval,
                max(self.sleep_interval, self.max_sleep_interval),
            ),
        )
        return sleeps_at(host, general, filter(None, map(parse_sleeps, self.site_sleeps)))

    @property
    def extras(self) -> frozenset[Extra]:
        """Return what the resolver adds to every stream."""
        chosen = {
            Extra.CHAPTERS: self.chapters,
            Extra.THUMBNAIL: self.thumbnail,
            Extra.AUTOMATIC_SUBTITLES: self.automatic_subtitles,
            Extra.SPONSORBLOCK: self.sponsorblock,
        }
        return frozenset(extra for extra, is_chosen in chosen.items() if is_chosen)
