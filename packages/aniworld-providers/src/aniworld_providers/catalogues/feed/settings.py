"""Settings below `providers.feed`."""

import attrs

from aniworld_core.domain.configuration import Setting, setting


@attrs.frozen(kw_only=True)
class FeedSettings:
    """Settings of the catalogue.

    Attributes:
        chapters: Whether downloaded files get the chapters of their item.
    """

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
