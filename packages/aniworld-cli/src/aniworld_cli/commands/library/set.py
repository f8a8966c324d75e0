"""`aniworld set`."""

from typing import Final, Literal

from aniworld_cli.commands.downloads.choosing import QualityName, read_languages, read_quality
from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession, wanted_language
from aniworld_core.application.downloads import UNCHANGED, SeriesChanges, Unchanged
from aniworld_core.application.library import AnimeDetail
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import UsageError

#: Word for the value that all series have.
_DEFAULT: Final = "default"


async def set_series(
    key: str,
    /,
    *,
    languages: str | None = None,
    quality: QualityName | Literal["default"] | None = None,
    monitored: Literal["yes", "no"] | None = None,
    folder: str | None = None,
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
        session: The run of the command.
    """
    output = session.output
    changes = SeriesChanges(
        monitored=UNCHANGED if monitored is None else monitored == "yes",
        languages=_languages(languages),
        quality=_quality(quality),
        folder=UNCHANGED if folder is None else FolderName(folder),
    )
    if changes == SeriesChanges():
        raise UsageError(
            "nothing to change", hint="give --languages, --quality, --monitored or --folder"
        )
    async with session.bookkeeping() as app:
        series = await app.library_actions.change(await app.catalogue.key_of(key), changes)
        detail = AnimeDetail.of(series, wanted_language(app, series))
    if output.is_json:
        output.view(detail)
        return DONE
    output.facts(
        {
            "Name": series.name,
            "Languages": ", ".join(map(str, series.languages or ())) or _DEFAULT,
            "Quality": series.quality.value if series.quality else _DEFAULT,
            "Monitored": "yes" if series.monitored else "no",
            "Folder": series.folder,
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
