"""Parse XML feeds with feedparser, with the elements of the podcast namespace.

feedparser has no handlers for this namespace: of several elements with attributes it keeps only
the last, without its text, and it names them after the prefix that the feed happens to use.
Source: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md
"""

import io
from collections.abc import Callable
from typing import Any, Final

import feedparser
from feedparser.mixin import _FeedParserMixin

#: Names of the namespace, which feedparser compares in lower case.
_NAMESPACES: Final = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
#: Elements with a number as text, and with attributes.
_NUMBERS: Final = ("podcast_season", "podcast_episode")
_TRANSCRIPTS: Final = "podcast_transcript"
#: Most transcripts of an item.
_MOST: Final = 100


def parse_feed(text: str) -> Any:
    """Return what feedparser reads; `podcast_transcript` of an entry is a list."""
    # As a text, feedparser could take it for a link or the name of a file.
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        # Without a location: ids that look relative must not depend on redirects.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _collect(parser: Any, attributes: dict[str, str]) -> None:
    found = parser._get_context().setdefault(_TRANSCRIPTS, [])  # noqa: SLF001 - its handlers use it
    if len(found) < _MOST:
        found.append(attributes)


def _text_of(name: str) -> Callable[[Any, dict[str, str]], None]:
    def start(parser: Any, _: dict[str, str]) -> None:
        parser.push(name, 1)

    return start


# feedparser looks handlers up by name in the class that both of its parsers have in common.
setattr(_FeedParserMixin, f"_start_{_TRANSCRIPTS}", _collect)
for _name in _NUMBERS:
    setattr(_FeedParserMixin, f"_start_{_name}", _text_of(_name))
_FeedParserMixin.namespaces.update(dict.fromkeys(_NAMESPACES, "podcast"))
# The next parser makes this mapping again.
_FeedParserMixin._matchnamespaces.clear()  # noqa: SLF001
