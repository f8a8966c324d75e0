"""Invented pages in the layout of aniworld.to."""

from collections.abc import Iterable, Sequence
from html import escape

import attrs

#: Hosters of languages that are not selected are in the page, but hidden.
_HIDDEN = ' style="display: none"'
FLAGS = {"1": "german", "2": "japanese-english", "3": "japanese-german"}


@attrs.define
class MadeEpisode:
    """One episode of an invented series.

    Attributes:
        hosters: Pairs of language key and name of the hoster.
        flags: Language keys in its row; those of its hosters if not given.
    """

    number: int
    de: str = ""
    en: str = ""
    hosters: Sequence[tuple[str, str]] = (("1", "VOE"), ("3", "Filemoon"))
    flags: Sequence[str] | None = None
    has_meta: bool = True

    @property
    def keys(self) -> list[str]:
        """The language keys in its row."""
        used = [key for key, _ in self.hosters] if self.flags is None else self.flags
        return list(dict.fromkeys(used))


@attrs.define
class MadeSeries:
    """One invented series; season 0 holds its films."""

    key: str
    title: str
    seasons: dict[int, list[MadeEpisode]]
    alternatives: str = ""
    description: str = 'Ein Fuchs sucht\n sein <Glück> & "mehr".'
    start: str = "2013"
    end: str = "Heute"
    cover: str = "/public/img/cover/made-up_220x330.jpg"
    genres: Sequence[str] = ("Abenteuer", "Fantasy")
    extra: str = ""


def page(body: str, title: str = "Irgendwas") -> str:
    """Return a page with the given body."""
    return (
        f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{title}</title>'
        f"</head><body><div id=wrapper>{body}</div></body></html>"
    )


def season_name(season: int) -> str:
    """Return the path of a season."""
    return f"staffel-{season}" if season else "filme"


def series_page(series: MadeSeries) -> str:
    """Return the page of a series, with the episodes of its first season."""
    first = min(filter(None, series.seasons), default=min(series.seasons, default=None))
    genres = "".join(
        f'<li><a class="genreButton clearbutton" itemprop="genre" href="/genre/x">{g}</a></li>'
        for g in series.genres
    )
    table = "" if first is None else season_table(series, first)
    return page(
        f"""<div class="series-title"><h1 itemprop="name" title="Animes Stream: x"
            data-alternativetitles="{escape(series.alternatives)}"><span>{series.title}</span></h1>
            <small>(<span itemprop="startDate"><a href="/animes/jahr/{series.start}">{series.start}
            </a></span> - <span itemprop="endDate"><a href="/x">{series.end}</a></span>)</small>
            <div class="fsk fsk12" data-fsk="12"></div></div>
        <div class="seriesCoverBox"><img src="data:image/gif;base64,AAAA"
            data-src="{series.cover}"><noscript><img src="/twin.jpg"></noscript></div>
        <div class="genres"><ul data-main-genre="Abenteuer">{genres}
            <li><a itemprop="genre" href="/genre/gersub">GerSub</a></li>
            <li class="expandGenreBtn">+ 2</li></ul></div>
        <p class="seri_des" itemprop="description"
            data-full-description="{escape(series.description)}">Ein Fuchs …
            <span class="show-more">mehr anzeigen</span></p>
        <meta itemprop="numberOfSeasons" content="{len(series.seasons)}">
        {navigation(series)}{table}{series.extra}"""
    )


def navigation(series: MadeSeries) -> str:
    """Return the links to the seasons."""
    links = "".join(
        f'<li><a href="/anime/stream/{series.key}/{season_name(season)}"'
        f' title="{f"Staffel {season}" if season else "Alle Filme"}">{season or "Filme"}</a></li>'
        for season in sorted(series.seasons)
    )
    return (
        f'<div class="hosterSiteDirectNav" id="stream"><ul><li><span>Staffeln:</span></li>{links}'
        f'</ul><hr><ul><li><span>Episoden:</span></li><li><a href="/anime/stream/{series.key}/'
        'staffel-1/episode-1">1</a></li></ul></div>'
    )


def season_page(series: MadeSeries, season: int) -> str:
    """Return the page of a season or of the films."""
    return page(f"<h2>x</h2>{navigation(series)}{season_table(series, season)}")


def season_table(series: MadeSeries, season: int) -> str:
    """Return the episode list of a season."""
    rows = "".join(_row(series, season, episode) for episode in series.seasons[season])
    return (
        '<table class="seasonEpisodesList" data-season-id="7"><thead><tr><th>Folge</th></tr>'
        f'</thead><tbody id="season{season}">{rows}</tbody></table>'
    )


def _row(series: MadeSeries, season: int, episode: MadeEpisode) -> str:
    name = "episode" if season else "film"
    link = f"/anime/stream/{series.key}/{season_name(season)}/{name}-{episode.number}"
    meta = f'<meta itemprop="episodeNumber" content="{episode.number}">' if episode.has_meta else ""
    icons = "".join(f'<i class="icon {h}" title="{h}"></i>' for _, h in episode.hosters)
    flags = "".join(
        f'<img class="flag" src="/public/img/{FLAGS[k]}.svg" title="x" alt="x">'
        for k in episode.keys
    )
    return f"""<tr data-episode-id="{season}{episode.number}" itemprop="episode" itemscope
        itemtype="http://schema.org/Episode" data-episode-season-id="{episode.number}">
        <td class="season{season}EpisodeID">{meta}<a itemprop="url" href="{link}">
            {"Folge" if season else "Film"} {episode.number}</a></td>
        <td class="seasonEpisodeTitle"><a href="{link}"><strong>{episode.de}</strong> -
            <span>{episode.en}</span></a></td>
        <td><a href="{link}">{icons}</a></td>
        <td class="editFunctions"><a href="{link}">{flags}</a></td></tr>"""


def episode_page(series: MadeSeries, season: int, episode: MadeEpisode) -> str:
    """Return the page of an episode with its hosters."""
    return hoster_page(
        [(key, name, f"/redirect/{i}") for i, (key, name) in enumerate(episode.hosters, 1)],
        [(key, f"/public/img/{FLAGS[key]}.svg") for key in episode.keys if key in FLAGS],
        season=season,
        number=episode.number,
    )


def hoster_page(
    hosters: Iterable[tuple[str, str, str]],
    flags: Iterable[tuple[str, str]],
    *,
    season: int = 1,
    number: int = 1,
) -> str:
    """Return the page of an episode with these hosters (key, name, link) and flags (key, file)."""
    items = "".join(
        f'<li class="col-md-3 episodeLink{i}" data-lang-key="{key}" data-link-id="{i}"'
        f' data-link-target="{link}" data-external-embed="false"'
        f"{'' if key == '1' else _HIDDEN}>"
        f'<div class="generateInlinePlayer"><a class="watchEpisode" href="{link}">'
        f'<i class="icon {name}" title="Hoster {name}"></i><h4>{name}</h4>'
        '<div class="hosterSiteVideoButton">Video öffnen</div></a></div></li>'
        for i, (key, name, link) in enumerate(hosters, 1)
    )
    images = "".join(
        f'<img class="flag" src="{file}" data-lang-key="{key}" title="x" alt="x">'
        for key, file in flags
    )
    return page(
        f"""<div class="hosterSiteTitle" data-episode-id="99" data-season="{season}"
            data-episode="{number}"><h2><span class="episodeGermanTitle">Titel</span>
            <small class="episodeEnglishTitle">Title [Episode 001]</small></h2></div>
        <div class="changeLanguageBox">{images}</div>
        <div class="hosterSiteVideo"><ul class="row">{items}</ul></div>"""
    )


def index_page(all_series: Iterable[MadeSeries]) -> str:
    """Return the list of all series; each occurs twice."""
    links = "".join(
        f'<li><a data-alternative-title="{escape(s.alternatives)}"'
        f' href="/anime/stream/{s.key}" title="{s.title} Stream anschauen">{s.title}</a></li>'
        for s in all_series
    )
    return page(
        "".join(
            f'<div class="genre"><div class="seriesGenreList"><h3>{genre}</h3></div>'
            f"<ul>{links}</ul></div>"
            for genre in ("Abenteuer", "Fantasy")
        )
    )


def news_page(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Return the list of new episodes from (path, title, date, flag)."""
    lines = "".join(
        f'<div class="row"><div class="col-md-12"><a href="{path}"><strong>{title}</strong>'
        '<span class="listTag bigListTag blue2">S01 E01</span>'
        f'<span class="elementFloatRight">{date}</span></a>'
        f'<img class="flag" src="data:image/gif;base64,AA" data-src="/public/img/{flag}.svg">'
        "</div></div>"
        for path, title, date, flag in rows
    )
    return page(f'<div class="newEpisodeList"><div class="rows">{lines}</div></div>')


def popular_page(all_series: Iterable[MadeSeries]) -> str:
    """Return the popular series as cards, with the links around them."""
    cards = "".join(
        '<div class="col-md-15 col-sm-3 col-xs-6">'
        f'<a href="/anime/stream/{s.key}" title="{s.title} jetzt ansehen">'
        f'<img src="data:image/gif;base64,AA" data-src="{s.cover}" alt="{s.title} Cover">'
        f'<h3>{s.title}<span class="paragraph-end"></span></h3><small>Abenteuer</small></a></div>'
        for s in all_series
    )
    return page(
        '<nav><a href="/animes">Alle</a><a href="/random">Zufall</a></nav><h1>Beliebte Animes</h1>'
        f'<div class="seriesListContainer row">{cards}</div>'
        '<div class="pagination"><a href="/beliebte-animes/2">2</a></div>'
    )


def calendar_page(days: Iterable[tuple[str, Iterable[tuple[str, str, str, str, str]]]]) -> str:
    """Return the calendar: headings, each with (key, title, code, time, flag) of its entries."""
    return page("".join(_calendar_day(heading, entries) for heading, entries in days))


def _calendar_day(heading: str, entries: Iterable[tuple[str, str, str, str, str]]) -> str:
    links = "".join(
        f'<div class="col-md-15"><a href="/anime/stream/{key}"><img data-src="/public/img/cover/x'
        f'.jpg" src="data:image/gif;base64,AA"><h3><span class="seriesTitle">{title}</span></h3>'
        f'<small>{code} <img class="flag" src="data:image/gif;base64,AA"'
        f' data-src="/public/img/{flag}.svg"><noscript><img class="flag"'
        f' src="/public/img/{flag}.svg"></noscript></small><small>{time}</small></a></div>'
        for key, title, code, time, flag in entries
    )
    return (
        f'<section class="calendarList"><h3>{heading}</h3>'
        f'<div class="seriesListContainer row">{links}</div></section>'
    )
