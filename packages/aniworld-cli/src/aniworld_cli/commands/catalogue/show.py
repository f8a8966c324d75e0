"""`aniworld show`."""

from aniworld_cli.completing import KeyText
from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.application.library import (
    AnimeDetail,
    EpisodeView,
    RelatedSeriesView,
    related_series,
)
from aniworld_core.domain.catalogue import ListRules, rules_to_json


async def show(key: KeyText, /, *, session: CurrentSession) -> int:
    """Show one series with its episodes.

    Args:
        key: Key of the series.
        session: The run of the command.
    """
    output = session.output
    async with session.bookkeeping() as app:
        series = await app.catalogue.get(await app.catalogue.key_of(key))
        detail = AnimeDetail.of(series, app.current_config.value.languages.order)
        related = await related_series(app.storage, series.key)
    if output.is_json:
        output.view(detail)
        return DONE
    output.facts(
        {
            "Name": detail.name,
            "Key": detail.key,
            "Year": str(detail.year or ""),
            "Genres": ", ".join(detail.genres),
            "Site": detail.site,
            "Link": detail.link,
            "Folder": detail.folder,
            "Filters": _filters(series.list_rules),
            "About": detail.description,
        }
    )
    if related:
        output.table(("Related", "Title", "Year", "In the library"), [_related(r) for r in related])
    output.table(
        ("Episode", "Title", "State", "Languages", "File"),
        [_row(episode) for episode in detail.episodes],
    )
    return DONE


def _related(related: RelatedSeriesView) -> tuple[str, ...]:
    season = "" if related.season is None else f", season {related.season}"
    return (
        related.relation.replace("_", " "),
        related.title,
        str(related.year or ""),
        f"{related.key}{season}" if related.key else "",
    )


def _filters(rules: ListRules | None) -> str:
    """Return the rules of a list that are not the default, in one line."""
    if rules is None:
        return ""
    plain, given = rules_to_json(ListRules()), rules_to_json(rules)
    return ", ".join(
        f"no {name}" if value is False else f"{name} {_written(value)}"
        for name, value in given.items()
        if value != plain[name]
    )


def _written(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _row(episode: EpisodeView) -> tuple[str, ...]:
    state = tr("missing") if episode.available else tr("announced")
    if episode.unavailable is not None:
        link = f" ({episode.link})" if episode.link else ""
        state = tr("not available: {reason}", reason=episode.unavailable.text) + link
    elif not episode.monitored:
        state = tr("not wanted")
    return (
        episode.code,
        episode.title,
        tr("downloaded") if episode.downloaded else state,
        "?" if episode.languages is None else ", ".join(episode.languages),
        episode.file or "",
    )
