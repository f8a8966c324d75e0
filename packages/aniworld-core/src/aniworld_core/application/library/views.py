"""Documented JSON shapes of series, episodes and scans.

`--json` of the command line and the REST API share them. Field names are fixed by the API; the
older names `serie_id`, `serie_folder` and `serie_name` exist only in the views of queue items.
See ADR 0015.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aniworld_core.application.catalogue import (
    Addition,
    ErrorView,
    ExistingFiles,
    LinkResult,
    wire_time,
)
from aniworld_core.domain.catalogue import (
    Episode,
    ListPreview,
    ListRules,
    Series,
    SeriesSummary,
    rules_to_json,
)
from aniworld_core.domain.downloads import wanted_languages
from aniworld_core.domain.media import Language
from aniworld_core.errors import without_user
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class AnimeSummary:
    """A series in a list.

    Attributes:
        total: Number of episodes that can be had: those in the library, and available wanted ones.
        announced: Number of wanted episodes that are not available yet.
        languages: Wanted languages in order; null for the global order.
        quality: Wanted quality; null for the global one.
        size_bytes: Size of its files as of the last scan and later downloads.
    """

    key: str
    name: str
    site: str
    folder: str
    missing_episodes: Mapping[str, tuple[int, ...]]
    link: str
    provider: str
    have: int
    total: int
    announced: int
    cover_url: str | None
    year: int | None
    monitored: bool
    languages: tuple[str, ...] | None
    quality: str | None
    size_bytes: int
    added_at: str | None

    @classmethod
    def of(cls, summary: SeriesSummary, size_bytes: int) -> "AnimeSummary":
        """Return the view of a series in a list, whose files have *size_bytes*."""
        languages = summary.languages
        return cls(
            key=summary.key,
            name=summary.name,
            site=summary.site,
            folder=summary.folder,
            missing_episodes={str(s): numbers for s, numbers in summary.missing.items()},
            link=summary.link,
            provider=summary.provider,
            have=summary.have,
            total=summary.total,
            announced=summary.announced,
            cover_url=summary.cover_url,
            year=summary.year,
            monitored=summary.monitored,
            languages=None if languages is None else tuple(each.code for each in languages),
            quality=None if summary.quality is None else summary.quality.value,
            size_bytes=size_bytes,
            added_at=wire_time(summary.added_at),
        )


@attrs.frozen(kw_only=True)
class ReasonView:
    """A reason in English, with its kind and values."""

    kind: str
    values: Mapping[str, Any]
    text: str

    @classmethod
    def of(cls, reason: Message | None) -> "ReasonView | None":
        """Return the view of a reason; `None` without one."""
        return None if reason is None else cls(**reason.to_wire())


@attrs.frozen(kw_only=True)
class TitlesView:
    """Both titles of an episode."""

    de: str | None
    en: str | None


@attrs.frozen(kw_only=True)
class EpisodeView:
    """An episode of a series.

    Attributes:
        monitored: False if the owner marked the episode as not wanted.
        languages: Null until known.
        unavailable: Why an episode that is not available cannot be downloaded; null if it is
            announced only.
        link: Page of the episode; null if its catalogue gives none.
    """

    season: int
    episode: int
    code: str
    title: str
    titles: TitlesView
    available: bool
    monitored: bool
    downloaded: bool
    file: str | None
    languages: tuple[str, ...] | None
    file_language: str | None
    unavailable: ReasonView | None
    link: str | None

    @classmethod
    def of(cls, series: Series, episode: Episode, wanted: Language | None) -> "EpisodeView":
        """Return the view of an episode with the title in the preferred language."""
        languages = episode.languages
        return cls(
            season=episode.season,
            episode=episode.number,
            code=series.ref(episode).code,
            title=episode.titles.preferred(wanted, episode.number),
            titles=TitlesView(de=episode.titles.de, en=episode.titles.en),
            available=episode.available,
            monitored=episode.wanted,
            downloaded=episode.downloaded,
            file=episode.file,
            languages=None if languages is None else tuple(sorted(x.code for x in languages)),
            file_language=episode.file_language.code if episode.file_language else None,
            unavailable=ReasonView.of(episode.unavailable),
            link=None if episode.link is None else without_user(episode.link),
        )


@attrs.frozen(kw_only=True)
class ListRulesView:
    """Filters and numbering of a series that is a list; null means no limit.

    Attributes:
        include: Patterns of titles, of which one must match; empty for all titles.
        exclude: Patterns of titles, of which none may match.
        published_from: First day, as `YYYY-MM-DD`.
        published_until: Last day.
        live: Whether live streams and premieres are episodes.
        shorts: Whether shorts are episodes.
        newest: Number of the newest entries that are episodes.
        seasons: `site`, `one` or `year`; null for the setting of the catalogue.
        order: `uploaded`, `list` or `reversed`.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    published_from: str | None
    published_until: str | None
    min_seconds: int | None
    max_seconds: int | None
    live: bool
    shorts: bool
    newest: int | None
    seasons: str | None
    order: str

    @classmethod
    def of(cls, rules: ListRules | None) -> "ListRulesView | None":
        """Return the view of rules; `None` for a series that is no list."""
        return None if rules is None else cls(**rules_to_json(rules))


@attrs.frozen(kw_only=True)
class PreviewEntryView:
    """An entry that would be an episode."""

    season: int
    episode: int
    title: str
    link: str | None
    published: str | None
    duration_seconds: float | None
    unavailable: ReasonView | None


@attrs.frozen(kw_only=True)
class ListPreviewView:
    """What filters and numbering would take from a list.

    Attributes:
        total: Number of entries of the list.
        taken: Number of entries that would be episodes.
        left_out: Number of the other entries by the filter that leaves them out: `title`, `date`,
            `no_date`, `duration`, `no_duration`, `live`, `short` or `newest`.
        entries: The first entries that would be episodes.
    """

    name: str
    link: str
    total: int
    taken: int
    left_out: Mapping[str, int]
    entries: tuple[PreviewEntryView, ...]

    @classmethod
    def of(cls, preview: ListPreview) -> "ListPreviewView":
        """Return the view of a preview."""
        return cls(
            name=preview.name,
            link=preview.link,
            total=preview.total,
            taken=preview.taken,
            left_out={cause.value: number for cause, number in preview.left_out.items()},
            entries=tuple(
                PreviewEntryView(
                    season=entry.season,
                    episode=entry.number,
                    title=entry.title,
                    link=entry.link,
                    published=entry.published,
                    duration_seconds=entry.duration,
                    unavailable=ReasonView.of(entry.unavailable),
                )
                for entry in preview.entries
            ),
        )


@attrs.frozen(kw_only=True)
class AnimeDetail:
    """One series with its episodes.

    Attributes:
        end_year: Year of the last episode; null if unknown or if it continues.
        external_ids: Ids in databases, such as `imdb-tt2560140`.
        languages: The own order of the series; null for the global one.
        wanted_languages: The order that applies: the own one, otherwise the global one.
        list_rules: Filters and numbering; null for a series that is no list.
    """

    key: str
    title: str
    name: str
    folder: str
    site: str
    provider: str
    link: str
    description: str
    year: int | None
    end_year: int | None
    genres: tuple[str, ...]
    external_ids: tuple[str, ...]
    cover_url: str | None
    monitored: bool
    languages: tuple[str, ...] | None
    wanted_languages: tuple[str, ...]
    quality: str | None
    unwanted_seasons: tuple[int, ...]
    list_rules: ListRulesView | None
    added_at: str | None
    episodes: tuple[EpisodeView, ...]
    missing_episodes: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, series: Series, order: Sequence[Language]) -> "AnimeDetail":
        """Return the view of a series.

        Args:
            series: The series.
            order: The global order of languages, for a series without an own one.
        """
        wanted = wanted_languages(None, series.languages, order)
        shown = wanted[0] if wanted else None
        missing: dict[str, list[int]] = {}
        for episode in series.episodes:
            if episode.missing:
                missing.setdefault(str(episode.season), []).append(episode.number)
        languages = series.languages
        return cls(
            key=series.key,
            title=series.name,
            name=series.name,
            folder=series.folder,
            site=series.site,
            provider=series.provider,
            link=series.link,
            description=series.description,
            year=series.year,
            end_year=series.end_year,
            genres=series.genres,
            external_ids=series.external_ids,
            cover_url=series.cover_url,
            monitored=series.monitored,
            wanted_languages=tuple(x.code for x in wanted),
            languages=None if languages is None else tuple(x.code for x in languages),
            quality=series.quality.value if series.quality else None,
            unwanted_seasons=series.unwanted_seasons,
            list_rules=ListRulesView.of(series.list_rules),
            added_at=wire_time(series.added_at),
            episodes=tuple(EpisodeView.of(series, e, shown) for e in series.episodes),
            missing_episodes={s: tuple(n) for s, n in missing.items()},
        )


@attrs.frozen(kw_only=True)
class ExistingFilesView:
    """What was found in the folders of a series."""

    folders: tuple[str, ...]
    files: int
    episodes: int
    versions: int
    unsure: int
    extra: int

    @classmethod
    def of(cls, existing: ExistingFiles) -> "ExistingFilesView":
        """Return the view of the counts."""
        return cls(**attrs.asdict(existing, recurse=False))


@attrs.frozen(kw_only=True)
class AddedAnime(AnimeDetail):
    """An added series; `created` is false if it existed already.

    Attributes:
        existing: What was found on disk for a new series; null without a folder.
        notices: Folders that look like the series' and were left alone, with the reason.
        notice_messages: The same with kinds and values.
    """

    created: bool
    existing: ExistingFilesView | None = None
    notices: tuple[str, ...] = ()
    notice_messages: tuple[Any, ...] = ()

    @classmethod
    def after(cls, addition: Addition, order: Sequence[Language]) -> "AddedAnime":
        """Return the view of an addition."""
        detail = AnimeDetail.of(addition.series, order)
        return cls(
            **attrs.asdict(detail, recurse=False),
            created=addition.created,
            existing=ExistingFilesView.of(addition.existing) if addition.existing else None,
            notices=tuple(map(str, addition.notices)),
            notice_messages=tuple(notice.to_wire() for notice in addition.notices),
        )


@attrs.frozen(kw_only=True)
class LinkResultView:
    """Result of one link of a list.

    Attributes:
        status: `added`, `known` if the library had its series, or `failed`.
        anime: The series, unless it failed.
        error: The reason, if it failed.
    """

    link: str
    status: str
    anime: AddedAnime | None = None
    error: ErrorView | None = None

    @classmethod
    def of(cls, result: LinkResult, order: Sequence[Language]) -> "LinkResultView":
        """Return the view of a result."""
        if result.addition is None:
            error = ErrorView.of(result.error) if result.error else None
            return cls(link=result.link, status="failed", error=error)
        status = "added" if result.addition.created else "known"
        anime = AddedAnime.after(result.addition, order)
        return cls(link=result.link, status=status, anime=anime)
