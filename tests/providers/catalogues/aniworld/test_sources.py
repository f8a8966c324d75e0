"""Sources of episodes of aniworld.to and their languages."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import ENG_DUB, ENG_SUB, GER_DUB, GER_SUB, Language, MediaSource
from aniworld_core.errors import (
    EpisodeNotFoundError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.aniworld import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.aniworld_pages import hoster_page, page

pytestmark = pytest.mark.anyio

EPISODE = EpisodeRef(parse_series_key("fox-fanfare"), 1, 1)
PATH = "/anime/stream/fox-fanfare/staffel-1/episode-1"
GERMAN, ENGLISH_SUB, GERMAN_SUB = (
    f"/public/img/{name}.svg" for name in ("german", "japanese-english", "japanese-german")
)


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def loader(site: AniworldSite, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[Loader]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    async with open_loader(make_context(tmp_path, clock=clock, aniworld=config)) as loader:
        yield loader


def shown(sources: Sequence[MediaSource]) -> list[tuple[str, str, Language | None]]:
    """Return hoster, path of the link and language of sources."""
    return [(s.hoster, s.url.partition("//")[2].partition("/")[2], s.language) for s in sources]


async def test_a_source_link_is_not_followed(loader: Loader, site: AniworldSite) -> None:
    """Links are only made absolute."""
    (source,) = await loader.get_sources(EPISODE, GER_DUB)

    assert source.url == f"{site.url}/redirect/1"
    assert (source.provider, source.hoster, source.language) == ("aniworld", "VOE", GER_DUB)
    assert source.kind is None
    assert source.reach == {site.url.removeprefix("http://")}
    assert site.asked == [PATH]


async def test_languages_of_an_episode_cost_one_page(
    loader: Loader, site: AniworldSite, clock: JumpingClock
) -> None:
    """All languages cost one request; a later attempt reads the page again because links expire."""
    for language in (GER_DUB, GER_SUB, ENG_SUB):
        await loader.get_sources(EPISODE, language)
    assert site.asked == [PATH]

    clock.time = clock.time.replace(hour=20)
    await loader.get_sources(EPISODE, GER_DUB)
    assert site.asked == [PATH, PATH]


async def test_films(loader: Loader, site: AniworldSite) -> None:
    """Season 0 is the films of the site."""
    film = EpisodeRef(EPISODE.series_key, 0, 1)

    assert await loader.get_sources(film, GER_DUB)
    assert site.asked == ["/anime/stream/fox-fanfare/filme/film-1"]


async def test_the_flag_decides_on_the_language(loader: Loader, site: AniworldSite) -> None:
    """Key numbers have changed their meaning; the flag shows it."""
    hosters = [("1", "VOE", "/redirect/1"), ("2", "VOE", "/redirect/2"), ("3", "X", "/redirect/3")]
    flags = [("1", GERMAN_SUB), ("2", GERMAN), ("3", "/img/ENGLISH-GERMAN.svg?v=2")]
    site.pages[PATH] = hoster_page(hosters, flags)

    assert shown(await loader.get_sources(EPISODE, GER_SUB)) == [
        ("VOE", "redirect/1", GER_SUB),
        ("X", "redirect/3", GER_SUB),
    ]
    assert shown(await loader.get_sources(EPISODE, GER_DUB)) == [("VOE", "redirect/2", GER_DUB)]
    assert await loader.get_sources(EPISODE, ENG_SUB) == []


@pytest.mark.parametrize("flags", [(), (("2", ""),), (("1", GERMAN),)])
async def test_the_usual_meaning_applies_without_a_flag(
    loader: Loader, site: AniworldSite, flags: Sequence[tuple[str, str]]
) -> None:
    """Edge case 7: key 2 is not in the language box, or has no flag."""
    site.pages[PATH] = hoster_page([("2", "VOE", "/redirect/2")], flags)

    assert shown(await loader.get_sources(EPISODE, ENG_SUB)) == [("VOE", "redirect/2", ENG_SUB)]
    assert await loader.get_sources(EPISODE, GER_SUB) == []


@pytest.mark.parametrize(
    ("key", "flags"),
    [
        ("9", (("1", GERMAN),)),
        ("2", (("2", "/img/klingon.svg"), ("1", GERMAN))),
        ("2", (("3", GERMAN),)),
        ("", (("1", GERMAN),)),
    ],
)
async def test_an_unknown_language_is_kept_and_comes_last(
    loader: Loader, site: AniworldSite, key: str, flags: Sequence[tuple[str, str]]
) -> None:
    """An unknown flag or a contradiction to the usual meaning gives no language."""
    hosters = [(key, "VOE", "/redirect/9"), (flags[-1][0], "Vidoza", "/redirect/1")]
    site.pages[PATH] = hoster_page(hosters, flags)

    sources = shown(await loader.get_sources(EPISODE, GER_DUB))

    assert [s[0] for s in sources] == ["Vidoza", "VOE"]
    assert sources[-1] == ("VOE", "redirect/9", None)
    assert shown(await loader.get_sources(EPISODE, ENG_DUB))[0][2] is None


async def test_two_flags_for_one_key_are_damage(loader: Loader, site: AniworldSite) -> None:
    """A source in the wrong language would be worse than none; the page is requested once more."""
    flags = [("1", GERMAN), ("1", GERMAN_SUB)]
    site.pages[PATH] = hoster_page([("1", "VOE", "/redirect/1")], flags)

    with pytest.raises(ProviderUnavailableError, match="two flags"):
        await loader.get_sources(EPISODE, GER_DUB)
    assert site.asked == [PATH, PATH]


async def test_the_same_flag_twice_is_none(loader: Loader, site: AniworldSite) -> None:
    """A repeated flag is harmless."""
    flags = [("1", GERMAN), ("1", GERMAN)]
    site.pages[PATH] = hoster_page([("1", "VOE", "/redirect/1")], flags)

    assert await loader.get_sources(EPISODE, GER_DUB)


async def test_hosters_in_page_order(loader: Loader, site: AniworldSite) -> None:
    """Edge case 7: in page order, each link once, with or without a name."""
    hosters = [
        ("1", "Vidoza", "/redirect/5"),
        ("1", "VOE", "/redirect/1"),
        ("1", "VOE", "/redirect/1"),
        ("1", "VOE", "/redirect/2"),
        ("1", "Ganz Neu &amp; Co", "/redirect/7"),
        ("1", "", "/redirect/8"),
    ]
    site.pages[PATH] = hoster_page(hosters, [("1", GERMAN), ("3", GERMAN_SUB)])

    assert [s[:2] for s in shown(await loader.get_sources(EPISODE, GER_DUB))] == [
        ("Vidoza", "redirect/5"),
        ("VOE", "redirect/1"),
        ("VOE", "redirect/2"),
        ("Ganz Neu & Co", "redirect/7"),
        ("Provider", "redirect/8"),
    ]
    # The language is shown, but has no hoster.
    assert await loader.get_sources(EPISODE, GER_SUB) == []


async def test_the_link_may_stand_in_the_button_only(loader: Loader, site: AniworldSite) -> None:
    """Edge case 7: the attribute of the item is missing."""
    text = hoster_page([("1", "VOE", "/redirect/1")], [("1", GERMAN)])
    site.pages[PATH] = text.replace("data-link-target", "data-no-target")

    assert shown(await loader.get_sources(EPISODE, GER_DUB)) == [("VOE", "redirect/1", GER_DUB)]


async def test_unusable_links_are_left_out(loader: Loader, site: AniworldSite) -> None:
    """Links to other sites stay; scripts and files are left out."""
    links = ["javascript:alert(1)", "file:///etc/passwd", "http://[", "https://a@hoster.example/x"]
    links += ["https://hoster.example/e/1", "//other.example/e/2"]
    hosters = [("1", "VOE", link) for link in links]
    site.pages[PATH] = hoster_page(hosters, [("1", GERMAN)])

    sources = await loader.get_sources(EPISODE, GER_DUB)

    assert [s.url for s in sources] == ["https://hoster.example/e/1", "http://other.example/e/2"]


@pytest.mark.parametrize("numbers", [{"number": 2}, {"season": 2}])
async def test_a_page_of_another_episode_is_refused(
    loader: Loader, site: AniworldSite, numbers: dict[str, int]
) -> None:
    """The page states its episode."""
    unlisted = EpisodeRef(EPISODE.series_key, 1, 9)
    text = hoster_page([("1", "VOE", "/redirect/1")], [("1", GERMAN)], **{"number": 9, **numbers})
    site.pages[PATH.replace("episode-1", "episode-9")] = text

    with pytest.raises(EpisodeNotFoundError):
        await loader.get_sources(unlisted, GER_DUB)


async def test_a_redirect_to_another_page_is_refused(loader: Loader, site: AniworldSite) -> None:
    """Neither to another episode nor to the series."""
    for target in (PATH, "/anime/stream/fox-fanfare"):
        site.pages[PATH.replace("episode-1", "episode-9")] = html("", 302, Location=target)
        with pytest.raises((EpisodeNotFoundError, ProviderChangedError)):
            await loader.get_sources(EpisodeRef(EPISODE.series_key, 1, 9), GER_DUB)


async def test_a_renamed_series_must_be_confirmed(loader: Loader, site: AniworldSite) -> None:
    """Sources of another key are not returned silently."""
    old = SeriesKey("fox-old")
    site.pages["/anime/stream/fox-old"] = html("", 301, Location="/anime/stream/fox-fanfare")
    site.pages["/anime/stream/fox-old/staffel-1/episode-1"] = html("", 301, Location=PATH)

    with pytest.raises(SeriesNotFoundError, match="fox-fanfare"):
        await loader.get_sources(EpisodeRef(old, 1, 1), GER_DUB)


async def test_an_announced_episode_without_a_page(loader: Loader, site: AniworldSite) -> None:
    """The episode is in the list, so it exists, but has no sources."""
    announced = EpisodeRef(EPISODE.series_key, 3, 26)
    site.pages["/anime/stream/fox-fanfare/staffel-3/episode-26"] = html("weg", status=404)

    assert await loader.get_sources(announced, GER_DUB) == []


async def test_an_announced_episode_with_an_empty_page(loader: Loader, site: AniworldSite) -> None:
    """The page of the episode has neither languages nor hosters."""
    site.pages[PATH] = page(
        '<div class="hosterSiteTitle" data-season="1" data-episode="1"><h2>x</h2></div>'
    )

    assert await loader.get_sources(EPISODE, GER_DUB) == []


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("hosterSiteVideo", "x", "list of hosters"),
        ("data-link-target", "x", None),
        ("href=", "x=", "links of the hosters"),
    ],
)
async def test_a_missing_part_is_named(
    loader: Loader, site: AniworldSite, old: str, new: str, piece: str | None
) -> None:
    """A missing list of hosters is not an empty one."""
    text = hoster_page([("1", "VOE", "/redirect/1")], [("1", GERMAN)]).replace(old, new)
    site.pages[PATH] = text if piece is None else text.replace("data-link-target", "x")

    if piece is None:
        assert await loader.get_sources(EPISODE, GER_DUB)
        return
    with pytest.raises(ProviderChangedError, match=piece):
        await loader.get_sources(EPISODE, GER_DUB)


async def test_a_bot_check_is_for_a_person(loader: Loader, site: AniworldSite) -> None:
    """The page is requested once."""
    site.pages[PATH] = "<html><div class='cf-turnstile'></div></html>"

    with pytest.raises(NeedsPersonError):
        await loader.get_sources(EPISODE, GER_DUB)
    assert site.asked == [PATH]
