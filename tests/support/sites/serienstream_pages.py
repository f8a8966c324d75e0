"""Invented pages in the layout of s.to since January 2026."""

from collections.abc import Iterable

from support.sites.aniworld_pages import MadeEpisode, MadeSeries, page

FLAGS = {"1": "german", "2": "english", "3": "english-german"}
LABELS = {"1": "Deutsch", "2": "Englisch", "3": "Ger-Sub"}


def series_page(series: MadeSeries) -> str:
    """Return the page of a series, with the episodes of its first season."""
    first = min(filter(None, series.seasons), default=min(series.seasons, default=None))
    genres = "".join(f'<a class="link-light" href="/genre/x">{g}</a>, ' for g in series.genres)
    table = "" if first is None else episode_table(series, first)
    return page(
        f"""<picture><img alt="Backdrop" src="/media/images/backdrop.jpg"></picture>
        <picture><source srcset="x"><img alt="{series.key}" src="data:image/gif;base64,AA"
            data-src="{series.cover}"></picture>
        <h1 class="h2 mb-1 fw-bold">{series.title}</h1>
        <p class="small"><a href="/jahr/{series.start}">{series.start}</a> -
            <a href="/jahr/NA">NA</a> FSK 16 <a href="https://www.imdb.com/title/tt1">IMDb</a></p>
        <span class="description-text">{series.description}</span>
        <ul><li class="series-group"><strong>Besetzung:</strong>
            <a class="link-light" href="/x">Wer</a></li>
        <li class="series-group"><strong>Genre:</strong> {genres}</li></ul>
        {navigation(series)}{table}{series.extra}"""
    )


def navigation(series: MadeSeries) -> str:
    """Return the links to the seasons."""
    pills = "".join(
        f'<a class="nav-link" data-season-pill="{s}" href="/serie/{series.key}/staffel-{s}">{s}</a>'
        for s in sorted(series.seasons)
    )
    return f'<nav id="season-nav">{pills}</nav>'


def season_page(series: MadeSeries, season: int) -> str:
    """Return the page of a season; films and specials are season 0."""
    return page(navigation(series) + episode_table(series, season))


def episode_table(series: MadeSeries, season: int) -> str:
    """Return the episode list of a season."""
    rows = "".join(_row(series, season, episode) for episode in series.seasons[season])
    return f'<table class="table episode-table"><tbody>{rows}</tbody></table>'


def _row(series: MadeSeries, season: int, episode: MadeEpisode) -> str:
    link = f"/serie/{series.key}/staffel-{season}/episode-{episode.number}"
    flags = "".join(
        f'<svg class="svg-flag svg-flag-{FLAGS[k]}"><use href="#icon-flag-{FLAGS[k]}"></use></svg>'
        for k in episode.keys
    )
    hosters = "".join(
        f'<img class="watch-link" alt="{h}" src="/x.png">' for _, h in episode.hosters
    )
    return f"""<tr class="episode-row" onclick="window.location='{link}'">
        <th class="episode-number-cell">{episode.number}</th>
        <td><strong class="episode-title-ger">{episode.de}</strong>
            <span class="episode-title-eng">{episode.en}</span></td>
        <td class="episode-language-cell">{flags}</td>
        <td class="episode-watch-cell">{hosters}</td></tr>"""


def episode_page(series: MadeSeries, season: int, episode: MadeEpisode) -> str:
    """Return the page of an episode with its buttons."""
    buttons = "".join(
        f'<button class="link-box" data-play-url="/r?t=token{i}" data-provider-name="{name}"'
        f' data-language-label="{LABELS[key]}" data-language-id="{key}" data-link-id="{i}">'
        "</button>"
        for i, (key, name) in enumerate(episode.hosters, 1)
    )
    return page(f"{navigation(series)}<h2>{episode.de}</h2><div>{buttons}</div>")


def index_page(all_series: Iterable[MadeSeries]) -> str:
    """Return the list of all series."""
    links = "".join(f'<li><a href="/serie/{s.key}">{s.title}</a></li>' for s in all_series)
    return page(f'<a href="/serien">Alle</a><ul class="series-list">{links}</ul>')


def results_page(found: Iterable[MadeSeries]) -> str:
    """Return the page with search results."""
    cards = "".join(
        f'<div class="card"><a href="/serie/{s.key}"><img alt="{s.title}" data-src="{s.cover}">'
        f"</a><h6>{s.title}</h6></div>"
        for s in found
    )
    return page(f'<div class="results-group">{cards}</div>')


def popular_page(all_series: Iterable[MadeSeries]) -> str:
    """Return the popular series as cards, with navigation links around them."""
    cards = "".join(
        f'<div class="col-6"><a href="/serie/{s.key}" class="show-card"><img alt="{s.title}"'
        f' data-src="{s.cover}"><h6 class="show-title">{s.title}</h6></a></div>'
        for s in all_series
    )
    return page(f'<nav><a href="/serien">Alle</a></nav><h1>Beliebte Serien</h1>{cards}')


def news_page(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Return the list of new episodes from (path, title, date, flag)."""
    return page(
        "".join(
            f'<div class="row"><a href="{path}"><strong>{title}</strong>'
            f'<span class="badge">S01 E01</span><span>{date}</span><svg class="svg-flag'
            f' svg-flag-{flag}"><use href="#icon-flag-{flag}"></use></svg></a></div>'
            for path, title, date, flag in rows
        )
        + '<footer><a href="/serie/advertised">Unser Tipp</a></footer>'
    )


def calendar_page(days: Iterable[tuple[str, Iterable[tuple[str, str, str, str, str]]]]) -> str:
    """Return the calendar: headings, each with (key, title, code, time, flag) of its entries."""
    return page(
        '<a href="/serie/advertised">Unser Tipp</a>'
        + "".join(
            f"<h3>{heading}</h3>"
            + "".join(
                f'<a href="/serie/{key}"><strong>{title}</strong><span>{code}</span>'
                f'<small>{time}</small><svg class="svg-flag svg-flag-{flag}"></svg></a>'
                for key, title, code, time, flag in entries
            )
            for heading, entries in days
        )
    )
