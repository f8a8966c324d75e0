"""`aniworld set`."""

from typing import Final, Literal

import attrs

from aniworld_cli.commands.downloads.choosing import QualityName, read_languages, read_quality
from aniworld_cli.commands.downloads.list_rules import RuleOptions, Rules
from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.downloads import UNCHANGED, SeriesChanges, Unchanged
from aniworld_core.application.library import AnimeDetail
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import UsageError

#: Word for the value that all series have.
_DEFAULT: Final = "default"


async def set_series(
    key: KeyText,
    /,
    *,
    languages: str | None = None,
    quality: QualityName | Literal["default"] | None = None,
    monitored: Literal["yes", "no"] | None = None,
    folder: str | None = None,
    rules: Rules = RuleOptions(),  # noqa: B008 - frozen
    session: CurrentSession,
) -> int:
    """Change the settings of one series.

    Args:
        key: Key of the series, or the start of only one.
        languages: Wanted languages, best first, such as ger-dub,ger-sub; default for the order
            of the configuration.
        quality: Wanted quality; default for that of the configuration.
        monitored: Whether new episodes are downloaded by the schedule.
        folder: Folder in the library that holds its files. No file is moved.
        rules: Filters and numbering of a channel, playlist or feed. Files stay, also those of
            entries that are no episodes any more.
        session: The run of the command.
    """
    output = session.output
    changes = SeriesChanges(
        monitored=UNCHANGED if monitored is None else monitored == "yes",
        languages=_languages(languages),
        quality=_quality(quality),
        folder=UNCHANGED if folder is None else FolderName(folder),
    )
    has_rules = rules != RuleOptions()
    if changes == SeriesChanges() and not has_rules:
        raise UsageError(
            "nothing to change",
            hint="give --languages, --quality, --monitored, --folder or a filter",
        )
    async with session.catalogues() if has_rules else session.bookkeeping() as app:
        found = await app.catalogue.key_of(key)
        if has_rules:
            new = rules.applied_to((await app.catalogue.get(found)).list_rules)
            changes = attrs.evolve(changes, list_rules=UNCHANGED if new is None else new)
        series = await app.library_actions.change(found, changes)
        detail = AnimeDetail.of(series, app.current_config.value.languages.order)
    if output.is_json:
        output.view(detail)
        return DONE
    output.facts(
        {
            "Name": series.name,
            "Languages": ", ".join(map(str, series.languages or ())) or tr(_DEFAULT),
            "Quality": series.quality.value if series.quality else tr(_DEFAULT),
            "Monitored": tr("yes" if series.monitored else "no"),
            "Folder": series.folder,
            **({"Episodes": str(len(series.episodes))} if has_rules else {}),
        }
    )
    return DONE


def _languages(text: str | None) -> tuple[Language, ...] | Unchanged | None:
    if text is None:
        return UNCHANGED
    return None if text == _DEFAULT else read_languages(text)


def _quality(name: QualityName | Literal["default"] | None) -> Quality | Unchanged | None:
    if name is None:
        return UNCHANGED
    return None if name == "default" else read_quality(name)
