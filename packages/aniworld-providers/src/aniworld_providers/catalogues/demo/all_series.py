"""The invented series of the demo and their episodes."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, Language
from aniworld_providers.catalogues.demo.values import (
    Clip,
    DemoEpisode,
    DemoSeries,
    Obstacle,
    Packaging,
    clip_of,
)

_TS, _FMP4, _AES = Packaging.HLS_TS, Packaging.HLS_FMP4, Packaging.HLS_ENCRYPTED
_AUDIO, _MP4, _MKV = Packaging.HLS_AUDIO, Packaging.MP4, Packaging.MKV
_BOTH = (GER_DUB, GER_SUB)
_ALL = (GER_DUB, GER_SUB, ENG_SUB)
_SUB = (GER_SUB,)


def _episodes(
    season: int,
    languages: tuple[Language, ...],
    titles: tuple[tuple[str, str], ...],
    packagings: tuple[tuple[Packaging, ...], ...],
    *,
    first: int = 1,
) -> tuple[DemoEpisode, ...]:
    """Number the titles from *first* on and assign the packagings in turn."""
    return tuple(
        DemoEpisode(
            season=season,
            number=first + index,
            de=de,
            en=en,
            languages=languages,
            seconds=10 + 2 * (index % 3),
            packagings=packagings[index % len(packagings)],
        )
        for index, (de, en) in enumerate(titles)
    )


def _announced(season: int, number: int) -> DemoEpisode:
    return DemoEpisode(
        season=season,
        number=number,
        de="",
        en="",
        languages=(),
        seconds=0,
        packagings=(),
        available=False,
    )


_LANTERNS = DemoSeries(
    key=parse_series_key("lanterns-over-pebble-harbour"),
    de="Laternen über Kieselhafen",
    en="Lanterns over Pebble Harbour",
    year=2019,
    end_year=2021,
    description="Zwei Schwestern hüten die Lichter einer Stadt, die jede Nacht wandert.",
    genres=("Abenteuer", "Fantasy"),
    other_titles=("Kieselhafen",),
    colour=(90, 160),
    episodes=(
        *_episodes(
            1,
            _ALL,
            (
                ("Das erste Licht", "The First Light"),
                ("Ebbe: Wohin die Boote gehen", "Low Tide: Where the Boats Go"),
                ("Wer löscht die Möwen?", "Who Puts Out the Gulls?"),
                ("Öl und Salz", "Oil and Salt"),
            ),
            ((_TS, _MP4), (_FMP4,), (_MP4,), (_AES,)),
        ),
        *_episodes(
            2,
            _BOTH,
            (
                ("Der wandernde Kai", "The Wandering Quay"),
                ("Nebelhorn in Moll", "Foghorn in a Minor Key"),
                ("Hundert Dochte", "A Hundred Wicks"),
            ),
            ((_AUDIO,), (_TS,), (_MKV, _FMP4)),
        ),
    ),
)

_CLOCKMAKER = DemoSeries(
    key=parse_series_key("clockmaker-of-platform-nine"),
    de="Der Uhrmacher von Gleis Neun",
    en="The Clockmaker of Platform Nine",
    year=2016,
    end_year=2017,
    description="Am stillen Gleis repariert ein alter Mann Uhren, die verlorene Stunden zeigen.",
    genres=("Drama", "Mystery"),
    other_titles=("Gleis 9", "Platform Nine"),
    colour=(150, 110),
    episodes=(
        *_episodes(
            1,
            _BOTH,
            (
                ("Fünf Minuten zu früh", "Five Minutes Early"),
                ("Der Zug ohne Namen", "The Train without a Name"),
                ("Stundenglas", "Hourglass"),
            ),
            ((_MP4,), (_TS,), (_AES, _MP4)),
        ),
        *_episodes(
            2,
            _SUB,
            (("Sommerzeit", "Summer Time"), ("Die dreizehnte Ziffer", "The Thirteenth Digit")),
            ((_FMP4,), (_MKV,)),
        ),
    ),
)

_MOSS = DemoSeries(
    key=parse_series_key("moss-spirits-inc"),
    de="Moosgeister AG",
    en="Moss Spirits Inc.",
    year=2024,
    end_year=None,
    description="Ein Start-up aus Waldgeistern vermietet Stille an gestresste Städter.",
    genres=("Komödie", "Slice of Life"),
    other_titles=("Mossgeister",),
    colour=(100, 90),
    episodes=(
        *_episodes(
            1,
            _BOTH,
            (
                ("Gründung mit Flechten", "Founded on Lichen"),
                ("Das Großraumbiotop", "The Open-Plan Biotope"),
                ("Quartalszahlen im Regen", "Quarterly Figures in the Rain"),
            ),
            ((_TS,), (_MP4,), (_AUDIO,)),
        ),
        *_episodes(1, _SUB, (("Feindliche Übernahme", "Hostile Takeover"),), ((_TS,),), first=4),
        _announced(1, 5),
    ),
)

_ORCHARD = DemoSeries(
    key=parse_series_key("signal-from-the-orchard"),
    de="Signal aus dem Apfelgarten",
    en="Signal from the Orchard",
    year=2012,
    end_year=2013,
    description="Ein Funkamateur empfängt Nachrichten aus einem noch nicht gepflanzten Baum.",
    genres=("Science-Fiction",),
    other_titles=("Apfelfunk",),
    colour=(110, 190),
    episodes=(
        *_episodes(
            0,
            _BOTH,
            (("Der Film: Letzte Ernte", "The Movie: Last Harvest"),),
            ((_FMP4, _MP4),),
        ),
        *_episodes(
            1,
            _BOTH,
            (
                ("Rauschen", "Static"),
                ("73 und Grüße", "73 and Greetings"),
                ("Veredelt", "Grafted"),
            ),
            ((_AES,), (_MP4,), (_TS,)),
        ),
    ),
)

_TWINE = DemoSeries(
    key=parse_series_key("captain-twine"),
    de="Kapitänin Zwirn",
    en="Captain Twine",
    year=2008,
    end_year=2010,
    description="Ein Luftschiff aus Stoffresten, eine Mannschaft aus Ausreißern, viel Garn.",
    genres=("Abenteuer", "Komödie"),
    other_titles=("Zwirn!", "The Patchwork Ship"),
    colour=(180, 140),
    episodes=(
        *_episodes(
            1,
            _BOTH,
            (
                ("Leinen los", "Cast Off"),
                ("Nadel & Kompass", "Needle & Compass"),
                ("Die Knopfpiraten", "The Button Pirates"),
            ),
            ((_MP4, _TS), (_FMP4,), (_TS,)),
        ),
        *_episodes(
            2,
            _BOTH,
            (("Rückstich", "Backstitch"), ("Saum am Horizont", "Hem on the Horizon")),
            ((_AES,), (_MP4,)),
        ),
    ),
)

_NIGHT_BUS = DemoSeries(
    key=parse_series_key("night-bus-north"),
    de="Nachtbus nach Norden",
    en="Night Bus North",
    year=2022,
    end_year=2022,
    description="Ein Film über elf Fahrgäste, eine Umleitung und den Rand der Landkarte.",
    genres=("Drama",),
    other_titles=(),
    colour=(140, 100),
    episodes=_episodes(0, _BOTH, (("Nachtbus nach Norden", "Night Bus North"),), ((_AUDIO, _MP4),)),
)

#: Series whose episodes cannot be downloaded at once. It shows how failures look, is found by its
#: names only, and is not part of "everything".
OBSTACLES = DemoSeries(
    key=parse_series_key("shipyard-of-errors"),
    de="Werft der Irrtümer",
    en="Shipyard of Errors",
    year=2024,
    end_year=None,
    description="Hier läuft nichts vom Stapel: So sehen Fehler aus, und so behebt man sie.",
    genres=("Komödie",),
    other_titles=(),
    colour=(100, 160),
    episodes=(
        DemoEpisode(
            season=1,
            number=1,
            de="Der leere Anleger",
            en="The Empty Berth",
            languages=_BOTH,
            seconds=10,
            packagings=(_MP4,),
            obstacle=Obstacle.GONE,
        ),
        DemoEpisode(
            season=1,
            number=2,
            de="Ausweiskontrolle",
            en="Papers, Please",
            languages=_BOTH,
            seconds=10,
            packagings=(_MP4,),
            obstacle=Obstacle.PERSON,
        ),
    ),
)

ALL_SERIES: Mapping[SeriesKey, DemoSeries] = MappingProxyType(
    {series.key: series for series in (_LANTERNS, _CLOCKMAKER, _MOSS, _ORCHARD, _TWINE, _NIGHT_BUS)}
)
"""All series by key, in the order of the demo."""

KNOWN_SERIES: Mapping[SeriesKey, DemoSeries] = MappingProxyType(
    {**ALL_SERIES, OBSTACLES.key: OBSTACLES}
)
"""The series of all links: those of the demo, and the one with obstacles."""


def all_clips() -> Iterator[Clip]:
    """Yield every clip that a link can name; some more than once."""
    for series in KNOWN_SERIES.values():
        for episode in series.episodes:
            for language in episode.languages:
                for packaging in episode.packagings:
                    yield clip_of(series, episode, language, packaging)


def next_clips(clip: Clip) -> list[Clip]:
    """Return the clips that will probably be requested after this one.

    They belong to the next episode of the same series and to the next episode in the order of the
    demo: the first episodes of all series, then the second ones, and so on.
    """
    order = _first_clips()
    shown = [(choice.series.key, choice.episode) for choice in order]
    if (clip.series.key, clip.episode) not in shown:
        return []
    later = order[shown.index((clip.series.key, clip.episode)) + 1 :]
    of_series = [choice for choice in later if choice.series.key == clip.series.key]
    return [*of_series[:1], *later[:1]]


def _first_clips() -> list[Clip]:
    placed = [
        (place, clip_of(series, episode, episode.languages[0], episode.packagings[0]))
        for series in ALL_SERIES.values()
        for place, episode in enumerate(e for e in series.episodes if e.available)
    ]
    return [clip for _, clip in sorted(placed, key=lambda pair: pair[0])]
