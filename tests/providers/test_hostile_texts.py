"""Reading what strangers write takes time in proportion to its length, whatever it holds."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from types import ModuleType

import pytest

from aniworld_core.domain.catalogue import BrowseListName, Episode, Series, Titles
from aniworld_core.domain.configuration import (
    NamingConfig,
    ProviderConfig,
    ServerConfig,
    parse_hours,
    parse_time_of_day,
)
from aniworld_core.domain.configuration import naming_template as template
from aniworld_core.domain.identity import FolderName, SeriesKey, key_from_name
from aniworld_core.domain.library import (
    FolderIndex,
    FolderMarks,
    FoundFile,
    entry_rules,
    link_file_name,
    match_episodes,
    naming,
    parse_file_name,
    season_of_folder,
)
from aniworld_core.domain.library import safe_names as safe_name
from aniworld_core.domain.library.file_names import codes, languages, marks, noise, titles
from aniworld_core.domain.library.file_names.rules import (
    bare,
    chains,
    dashes,
    words,
)
from aniworld_core.domain.library.file_names.rules import specials as special_rules
from aniworld_core.domain.library.matching import (
    folder_names,
    folding,
    own_names,
    specials,
    versions,
)
from aniworld_core.domain.library.matching import marks as nfo
from aniworld_core.errors import AniworldError
from aniworld_core.ports.library import FolderContents
from aniworld_providers.catalogues.aniworld import links
from aniworld_providers.catalogues.aniworld.layouts import browse_rows, hits, markup, text_cleanup
from aniworld_providers.catalogues.aniworld.site import ANIWORLD, SERIENSTREAM, with_layout
from aniworld_providers.catalogues.aniworld.values import Hit
from aniworld_providers.catalogues.archive import fields
from aniworld_providers.catalogues.index import access, listing
from aniworld_providers.catalogues.index import loader as index_loader
from aniworld_providers.catalogues.jellyfin import answers as jellyfin
from aniworld_providers.network import answers, guard
from aniworld_providers.network.answers import parse_content_range
from aniworld_providers.network.capsules import scrubber
from aniworld_providers.network.capsules.scrubber import Scrubber
from aniworld_providers.network.pages import html as page_html
from aniworld_providers.network.pages.answers import Page
from aniworld_providers.ytdlp import failures as ytdlp_failures
from support.expressions import openings, pumps
from support.growth import assert_linear
from support.thorough import IS_THOROUGH

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
SITES = (with_layout(ANIWORLD, "v1"), with_layout(SERIENSTREAM, "v2"))
SCRUBBER = Scrubber.of(
    ProviderConfig(
        base_url="https://media.example",
        servers=(ServerConfig(name="s", base_url="http://a.example", password="pa", token="t"),),
    )
)
SERIES = Series(
    key=SeriesKey("a"), name="A 1", site="s", provider="p", link="", folder=FolderName("A"),
    episodes=(Episode(season=1, number=1),),
)  # fmt: skip


def _page(text: str) -> Page:
    return Page(status=200, url="http://h.example/d/", text=text, headers={})


def _tolerant(read: Callable[[str], object]) -> Callable[[str], object]:
    """Refusing a text is as good as reading it."""

    def work(text: str) -> object:
        try:
            return read(text)
        except (
            AniworldError,
            ValueError,
            markup.MissingPieceError,
            markup.DamagedPageError,
            markup.FailedPageError,
            markup.NoSuchPageError,
            page_html.UnreadablePageError,
        ):
            return None

    return work


def _layouts() -> Iterator[tuple[str, Callable[[str], object]]]:
    for site in SITES:
        layout = site.layout
        name = type(layout).__name__
        yield f"{name}.series", layout.parse_series
        yield f"{name}.season", layout.parse_season
        yield f"{name}.episode", partial(layout.parse_episode, language_keys=site.language_keys)
        yield f"{name}.index", layout.parse_index
        for browse_list in BrowseListName:
            yield f"{name}.{browse_list}", partial(layout.parse_browse_list, browse_list)


def _rendered(text: str) -> object:
    episode = Episode(season=1, number=1, titles=Titles(de=text, en=text))
    return naming.render_episode_path(NamingConfig(), SERIES, episode, None, text)


def _matched(text: str) -> object:
    contents = FolderContents(folder=FolderName("A"), files=(FoundFile(f"{text}.mkv"),), stamp="1")
    return match_episodes(SERIES, [contents])


def _owner(text: str) -> object:
    return FolderIndex.of([SERIES]).owner(text, FolderMarks(titles=(text,)))


#: What reads outside text, with the modules whose expressions it uses.
FILE_NAMES = (
    *(codes, languages, marks, noise, titles),
    *(bare, chains, dashes, special_rules, words),
)
READERS: dict[str, tuple[Callable[[str], object], tuple[ModuleType, ...]]] = {
    **{name: (read, (page_html, markup, text_cleanup, links)) for name, read in _layouts()},
    "listing": (lambda t: listing.read_listing(_page(t)), (page_html, listing)),
    "multistatus": (lambda t: listing.read_multistatus(_page(t)), (listing,)),
    "index folder": (index_loader._name_and_year, (index_loader,)),
    "index key": (index_loader.key_of, ()),
    "challenge": (access._CHALLENGE.findall, (access,)),
    "scrubber": (SCRUBBER.text, (scrubber,)),
    "bot check": (answers.is_bot_check, (answers,)),
    "retry after": (lambda t: answers.parse_retry_after(t, _NOW), ()),
    "content range": (parse_content_range, ()),
    "address": (lambda t: guard.AddressGuard().check_url(f"http://{t}/"), (guard,)),
    "JSON text": (text_cleanup.decode_json_text, (text_cleanup,)),
    "titles": (lambda t: text_cleanup.episode_titles(t, t), (text_cleanup,)),
    "others": (lambda t: text_cleanup.other_titles_of("x", t.split(",")), (text_cleanup,)),
    "day": (text_cleanup.day_in, (text_cleanup,)),
    "year": (text_cleanup.year_in, (text_cleanup,)),
    "code": (browse_rows._CODE.search, (browse_rows,)),
    "time": (browse_rows._TIME.search, (browse_rows,)),
    "link": (links.parse_link, (links,)),
    "search": (lambda t: hits.search_index(t, [Hit(target="/a", name=t)]), ()),
    "archive text": (fields.plain, ()),
    "archive languages": (fields.languages, (fields,)),
    "archive length": (fields.seconds, ()),
    "archive key": (fields.key_of, (fields,)),
    "jellyfin text": (jellyfin.plain, (jellyfin,)),
    "yt-dlp message": (lambda t: ytdlp_failures._short(t), (ytdlp_failures,)),
    "file name": (parse_file_name, FILE_NAMES),
    "file name, title": (lambda t: parse_file_name(t, titles=[t[:300]]), ()),
    "folders": (lambda t: parse_file_name("x", parents=[t]), FILE_NAMES),
    "folder of a season": (lambda t: season_of_folder(t[:300]), FILE_NAMES),
    "files of a series": (_matched, (*FILE_NAMES, own_names, versions, specials)),
    "folder of a series": (_owner, (folder_names, folding)),
    "entry of a folder": (entry_rules.file_rule, (entry_rules,)),
    "NFO": (nfo.nfo_marks, (nfo,)),
    "safe name": (safe_name.safe_component, (safe_name,)),
    "naming": (_rendered, (naming, safe_name)),
    "template": (lambda t: template.template_problems("episode", t), (template,)),
    "key": (key_from_name, ()),
    "link name": (link_file_name, ()),
    "hours": (parse_hours, ()),
    "time of day": (parse_time_of_day, ()),
}
#: Markup that kept a parser busy once.
MARKUP = (
    *("<input ", "<input <input", "<div>", "<ul><li>", "<table><tr><td>", "<a href=x>", "<b><i>"),
    *("<td><a href=x></a></td>", "<a href=x></a><div>", "<D:response>", "<!--", "&amp;", "</", "<"),
)
#: Delimiters and words of the formats that are read.
TOKENS = (
    *(
        "a-",
        "a ",
        " ",
        "\n",
        "[",
        "(",
        "]",
        "{",
        '"',
        "'",
        ",",
        ";",
        ":",
        "/",
        "%41",
        "1",
        "-1",
        "..",
    ),
    *("S01E01", "1x1", "E1-", "()", "[](", "\u0308", "ß", "a=b&token=", '"token":"'),
)
READS_MARKUP = ("Layout", "listing", "multistatus", "scrubb", "archive text", "jellyfin text")


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
def test_work_grows_no_faster_than_the_text(name: str) -> None:
    """Its own keywords and delimiters, repeated up to 64 KiB, are refused or read in time."""
    read, modules = READERS[name]
    work = _tolerant(read)
    patterns = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    ]
    own = {token for pattern in patterns for token in pumps(pattern)[:3]}
    common = [*TOKENS, *(MARKUP if name.startswith(READS_MARKUP) else ())]
    if not IS_THOROUGH:  # half of them, and the other half for the next reader
        common = common[list(READERS).index(name) % 2 :: 2]
    for token in dict.fromkeys([*common, *sorted(own)]):
        assert_linear(work, token)
    for start, token in dict.fromkeys(
        pair for pattern in patterns for pair in openings(pattern)[:4]
    ):
        assert_linear(work, token, start=start)
