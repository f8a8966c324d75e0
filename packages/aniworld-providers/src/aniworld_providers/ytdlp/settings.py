"""Settings below `providers.ytdlp`, of the catalogue and the resolver."""

import attrs

from aniworld_core.domain.configuration import Setting, setting


@attrs.frozen(kw_only=True)
class YtDlpSettings:
    """Settings of catalogue and resolver.

    Attributes:
        seasons: How entries without numbers of their own are divided into seasons. Numbers once
            given to an entry stay.
        cookies: Path of the owner's cookie file, used by the catalogue and the resolver.
    """

    seasons: str = setting(
        "one",
        Setting(
            choices=("one", "year"),
            labels={"en": "Seasons", "de": "Staffeln"},
            hints={
                "en": "For entries that the site does not number: one season, or one per year. "
                "Applies to series added later.",
                "de": "Für Einträge, die die Website nicht nummeriert: eine Staffel oder eine je "
                "Jahr. Gilt für später hinzugefügte Serien.",
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
