"""Lists of feeds as OPML."""

import attrs
import pytest

from aniworld_core.application.catalogue import feeds_in_opml, opml_of
from aniworld_core.domain.catalogue import summarise
from aniworld_core.errors import InvalidOpmlError
from aniworld_core.testing import make_series

_NESTED = """<?xml version="1.0" encoding="{encoding}"?>
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="Folder">
    <outline text="Ä &amp; B" type="rss" xmlUrl="https://example.org/a?x=1&amp;y=2"/>
    <outline text="Deeper"><outline type="rss" xmlurl=" feed:https://example.org/b "/></outline>
  </outline>
  <outline text="again" xmlUrl="https://example.org/a?x=1&amp;y=2" htmlUrl="https://example.org/"/>
  <outline text="page only" htmlUrl="https://example.org/c"/>
  <outline xmlUrl=""/>
</body></opml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_feeds_are_found_at_any_depth(encoding: str) -> None:
    """Each once, in their order, in any encoding that the file declares."""
    found = ["feed:https://example.org/a?x=1&y=2", "feed:https://example.org/b"]

    text = _NESTED.format(encoding=encoding)
    assert feeds_in_opml(text.encode(encoding)) == found
    assert feeds_in_opml(text) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not XML"),
        ("<opml><body><outline", "it is not XML"),
        ("https://example.org/feed", "it is not XML"),
        ("<rss version='2.0'/>", "no OPML"),
        ("<!-- x -->\n<HTML><body>", "HTML page"),
        ("\ufeff<!DOCTYPE html><title>Sign in</title>", "HTML page"),
        ("<opml><body><outline text='x'/></body></opml>", "names no feed"),
        ("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "document type"),
        ("<opml>" + "<outline>" * 99 + "</outline>" * 99 + "</opml>", "nested"),
    ],
)
def test_what_is_no_list_of_feeds_is_named(text: str, reason: str) -> None:
    """One sentence says what is wrong."""
    with pytest.raises(InvalidOpmlError, match=reason):
        feeds_in_opml(text)


def test_an_export_can_be_imported_again() -> None:
    """Names with markup and links with several parameters survive; other series are left out."""
    feed = attrs.evolve(
        make_series("a", name="<A> & 🌙"), provider="feed", link="https://example.org/a?x=1&y=2"
    )
    text = opml_of([summarise(feed), summarise(make_series("b"))])

    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<opml version="2.0">\n'
        "  <head>\n    <title>Aniworld</title>\n  </head>\n"
        '  <body>\n    <outline type="rss" text="&lt;A&gt; &amp; 🌙"'
        ' xmlUrl="https://example.org/a?x=1&amp;y=2" />\n  </body>\n</opml>\n'
    )
    assert feeds_in_opml(text) == ["feed:https://example.org/a?x=1&y=2"]
    assert 'text="&lt;A&gt; &amp; 🌙"' in text
