"""Own settings of the catalogue, below `providers.ytdlp`."""

import attrs

from aniworld_core.domain.configuration import Setting, setting


@attrs.frozen(kw_only=True)
class YtDlpSettings:
    """Settings of the catalogue.

    Attributes:
        seasons: How entries without numbers of their own are divided into seasons. Numbers once
            given to an entry stay.
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
