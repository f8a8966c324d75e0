"""Settings below `providers.ytdlp`, of the catalogue and the resolver."""

import attrs

from aniworld_core.domain.configuration import Setting, setting
from aniworld_core.domain.media import Extra


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
                "en": "Write the chapters of the page into the downloaded file.",
                "de": "Die Kapitel der Seite in die heruntergeladene Datei schreiben.",
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
