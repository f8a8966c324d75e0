"""Cookies of a transfer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_providers.network.cookies import CookieJar
from aniworld_providers.network.guard import Target, target_of
from support.adapter_context import JumpingClock

SITE = "https://cdn.example.org/film/list.m3u8"


def jar_of(*headers: str, link: str = SITE) -> CookieJar:
    """Return a jar with the cookies of one response."""
    jar = CookieJar(JumpingClock())
    store(jar, *headers, link=link)
    return jar


def store(jar: CookieJar, *headers: str, link: str = SITE) -> None:
    """Store the cookies of a response."""
    target, path = _place(link)
    jar.store(headers, target, path)


def sent(jar: CookieJar, link: str, given_cookie: str = "") -> str:
    """Return the `Cookie` header of a request."""
    target, path = _place(link)
    return jar.header(target, path, given_cookie)


def _place(link: str) -> tuple[Target, str]:
    rest = link.partition("://")[2]
    return target_of(link), "/" + rest.partition("/")[2].partition("?")[0]


@pytest.mark.parametrize(
    ("header", "link", "is_sent"),
    [
        ("a=1", "https://cdn.example.org/film/1.ts", True),
        ("a=1", "https://cdn.example.org/other/1.ts", False),  # the path of the list
        ("a=1; Path=/", "https://cdn.example.org/other/1.ts", True),
        ("a=1; Path=/film", "https://cdn.example.org/films/1.ts", False),
        ("a=1; Path=/", "https://other.example.org/1.ts", False),
        ("a=1; Path=/", "https://a.cdn.example.org/1.ts", False),
        ("a=1; Path=/; Domain=example.org", "https://other.example.org/1.ts", True),
        ("a=1; path=/; DOMAIN=.Example.ORG", "https://example.org/1.ts", True),
        ("a=1; Path=/; Domain=example.org", "https://badexample.org/1.ts", False),
        ("a=1; Path=/; Domain=a.cdn.example.org", "https://a.cdn.example.org/1.ts", False),
        ("a=1; Path=/; Domain=elsewhere.net", "https://elsewhere.net/1.ts", False),
        ("a=1; Path=/; Domain=org", "https://other.org/1.ts", False),
        ("a=1; Path=/", "http://cdn.example.org/1.ts", True),
        ("a=1; Path=/; Secure", "http://cdn.example.org/1.ts", False),
        ("a=1; Path=/; Secure; HttpOnly", "https://cdn.example.org/1.ts", True),
        ("a=1; Path=/; Max-Age=0", "https://cdn.example.org/1.ts", False),
        ("a=1; Path=/; Max-Age=60", "https://cdn.example.org/1.ts", True),
        ("a=1; Path=/; Max-Age=99999999999999999999", "https://cdn.example.org/1.ts", True),
        ("a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:01 GMT", "https://cdn.example.org/", False),
        ("a=1; Path=/; Expires=whenever", "https://cdn.example.org/1.ts", True),
        ("a=" + "1" * 5000, "https://cdn.example.org/film/1.ts", False),
    ],
)
def test_who_gets_a_cookie(header: str, link: str, is_sent: bool) -> None:
    """A cookie is sent to its host, path and scheme only."""
    assert bool(sent(jar_of(header), link)) is is_sent


@pytest.mark.parametrize("suffix", ["co.uk", "com.au", "uk"])
def test_no_cookie_for_a_public_suffix(suffix: str) -> None:
    """A site cannot set a cookie for all sites of a country."""
    jar = jar_of(f"a=1; Path=/; Domain={suffix}", link=f"https://one.{suffix}/")

    assert sent(jar, f"https://two.{suffix}/") == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "nas"])
def test_hosts_without_a_domain_are_separated_by_port(host: str) -> None:
    """Different ports of one address are different servers."""
    jar = jar_of("a=1; Path=/", link=f"http://{host}:8000/")

    assert sent(jar, f"http://{host}:8000/x") == "a=1"
    assert sent(jar, f"http://{host}:8001/x") == ""
    assert sent(jar_of("a=1; Path=/; Domain=0.0.1", link="http://127.0.0.1/"), SITE) == ""


def test_cookies_are_replaced_and_expired() -> None:
    """A later cookie of the same name, domain and path replaces the earlier one."""
    jar = jar_of("a=1; Path=/", "b=2; Path=/film", "c=a=b; Path=/")
    assert sent(jar, SITE) == "b=2; a=1; c=a=b"

    store(jar, "a=3; Path=/", "b=; Path=/film; Max-Age=-1")
    assert sent(jar, SITE) == "c=a=b; a=3"


def test_the_cookie_header_of_a_link_is_merged() -> None:
    """A `Cookie` header of the link is kept, except for values that the server sets again."""
    jar = jar_of("session=new; Path=/")

    assert sent(jar, SITE, "user=me; session=old") == "user=me; session=new"


def test_a_jar_is_bounded() -> None:
    """A server cannot fill the memory with cookies."""
    jar = jar_of(*(f"n{number}={'x' * 100}; Path=/" for number in range(5000)))

    assert len(sent(jar, SITE)) < 40_000


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_header_is_harmless(header: str, domain: str) -> None:
    """For any stored header, the sent one is a single printable line for its server only."""
    jar = jar_of(header, f"x={header}; Domain={domain}")

    assert all(" " <= character < "\x7f" for character in sent(jar, SITE))
    assert sent(jar, "https://somebody.else.net/film/list.m3u8") == ""
