"""Authentication at a Jellyfin server, and protection of its secrets."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import (
    AniworldError,
    ProviderDeniedError,
    ProviderUnavailableError,
    RestrictedError,
)
from aniworld_core.ports.context import AdapterContext
from aniworld_providers.catalogues.jellyfin import open_loader
from support.adapter_context import make_context
from support.sites.jellyfin import (
    API_KEY,
    PASSWORD,
    SERIES_ID,
    USER,
    USER_ID,
    JellyfinSite,
    open_jellyfin_site,
)

pytestmark = pytest.mark.anyio

_KEY = parse_series_key("lantern-keepers-5f2b1a2c")
_REF = f"attic|{SERIES_ID}"
_FIRST = EpisodeRef(_KEY, 1, 1)


@pytest.fixture
async def site() -> AsyncIterator[JellyfinSite]:
    async with open_jellyfin_site() as site:
        yield site


@attrs.frozen
class ContextFactory:
    """Factory of the context for one server with the given credentials."""

    site: JellyfinSite
    folder: Path

    def __call__(self, **credentials: str) -> AdapterContext:
        """Return the context."""
        server = ServerConfig(name="attic", base_url=self.site.url, **credentials)
        section = ProviderConfig(requests_per_minute=6000, servers=(server,))
        return make_context(self.folder, jellyfin=section)


@pytest.fixture
def context(site: JellyfinSite, tmp_path: Path) -> ContextFactory:
    return ContextFactory(site, tmp_path)


async def test_a_user_logs_in_once(site: JellyfinSite, context: ContextFactory) -> None:
    """The token serves all requests, limits them to the user's view, and is revoked at the end."""
    async with open_loader(context(username=USER, password=PASSWORD)) as loader:
        await loader.search("lantern")
        series = await loader.get_series(_KEY)
        (source,) = await loader.get_sources(_FIRST, GER_DUB, series.provider_ref)
        (token,) = site.tokens

    assert len(site.logins) == 1
    assert f'Token="{token}"' in dict(source.headers)["Authorization"]
    assert {query.get("userId") for query in site.queries[1:4]} == {USER_ID}
    assert site.asked[-1] == "/Sessions/Logout"
    assert site.tokens == set()


async def test_an_expired_token_is_renewed_once(
    site: JellyfinSite, context: ContextFactory
) -> None:
    """The request is repeated with a new token."""
    async with open_loader(context(username=USER, password=PASSWORD)) as loader:
        await loader.search("lantern")
        site.tokens.clear()

        assert len(await loader.search("lantern")) == 1

    assert len(site.logins) == 2


async def test_a_token_that_never_works_is_given_up(
    site: JellyfinSite, context: ContextFactory
) -> None:
    """A server that accepts logins but no tokens gets one renewal."""
    site.override = web.Response(status=401)
    async with open_loader(context(username=USER, password=PASSWORD)) as loader:
        for _ in range(3):
            with pytest.raises(ProviderDeniedError):
                await loader.search("lantern")

    assert len(site.logins) == 2


async def test_a_wrong_jellyfin_password_is_tried_once(
    site: JellyfinSite, context: ContextFactory
) -> None:
    """A second attempt could lock the account; the hint names the server."""
    async with open_loader(context(username=USER, password="wrong")) as loader:
        for _ in range(3):
            with pytest.raises(ProviderDeniedError) as caught:
                await loader.search("lantern")
            with pytest.raises(ProviderDeniedError):
                await loader.get_series(_KEY)

    assert len(site.logins) == 1
    assert site.asked == ["/Users/AuthenticateByName"]
    assert "attic" in (caught.value.hint or "")


@pytest.mark.parametrize(("username", "asked"), [(USER, "/Users"), ("", "/Items")])
async def test_a_wrong_token_is_tried_once(
    site: JellyfinSite, context: ContextFactory, username: str, asked: str
) -> None:
    """A configured token cannot be renewed."""
    async with open_loader(context(token="wrong", username=username, password=PASSWORD)) as loader:
        for _ in range(3):
            with pytest.raises(ProviderDeniedError):
                await loader.search("lantern")

    assert site.logins == []
    assert site.asked == [asked]


async def test_without_credentials_no_request_is_sent(
    site: JellyfinSite, context: ContextFactory
) -> None:
    """The hint says what to configure."""
    async with open_loader(context()) as loader:
        with pytest.raises(ProviderDeniedError) as caught:
            await loader.search("lantern")

    assert site.asked == []
    assert "give attic a token" in (caught.value.hint or "")


async def test_a_key_may_act_for_a_user(site: JellyfinSite, context: ContextFactory) -> None:
    """With a user name, the answers show what that user may see."""
    async with open_loader(context(token=API_KEY, username=USER.upper())) as loader:
        await loader.search("lantern")
        await loader.search("keepers")

    assert site.asked == ["/Users", "/Items", "/Items"]
    assert site.queries[1]["userId"] == USER_ID


async def test_a_key_alone_acts_for_nobody(site: JellyfinSite, context: ContextFactory) -> None:
    """It sees everything."""
    async with open_loader(context(token=API_KEY)) as loader:
        await loader.search("lantern")

    assert site.asked == ["/Items"]
    assert "userId" not in site.queries[0]


@pytest.mark.parametrize("tells_policy", [True, False])
async def test_a_missing_permission_is_reported(
    site: JellyfinSite, context: ContextFactory, *, tells_policy: bool
) -> None:
    """By the login or by the first download; everything else works."""
    site.may_download, site.tells_policy = False, tells_policy
    async with open_loader(context(username=USER, password=PASSWORD)) as loader:
        assert (await loader.get_series(_KEY)).episodes
        with pytest.raises(RestrictedError) as caught:
            await loader.get_sources(_FIRST, GER_DUB, _REF)

    assert "attic" in str(caught.value)
    assert "administrator" in (caught.value.hint or "")


async def test_a_single_episode_may_be_restricted(
    site: JellyfinSite, context: ContextFactory
) -> None:
    """The restriction applies to that item only."""
    site.episodes[SERIES_ID][1]["CanDownload"] = False
    async with open_loader(context(token=API_KEY)) as loader:
        with pytest.raises(RestrictedError):
            await loader.get_sources(_FIRST, GER_DUB, _REF)
        assert await loader.get_sources(EpisodeRef(_KEY, 2, 1), GER_DUB, _REF)


async def test_the_permission_is_checked_once(site: JellyfinSite, context: ContextFactory) -> None:
    """One byte of the first file is requested."""
    async with open_loader(context(token=API_KEY)) as loader:
        for _ in range(3):
            await loader.get_sources(_FIRST, GER_DUB, _REF)

    assert site.ranges == ["bytes=0-0"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Error processing request.", "Error processing request."),
        ('{"title": "Bad Request", "detail": "No such sort order", "status": 400}', "No such sort"),
        ('{"title": "Bad Request", "status": 400}', "Bad Request"),
        ("<html><body>x</body></html>", "HTTP 400"),
        ("", "HTTP 400"),
        (f"what is {API_KEY}?", "what is …?"),
    ],
)
async def test_messages_of_errors_are_passed_on(
    site: JellyfinSite, context: ContextFactory, body: str, said: str
) -> None:
    """Plain text or JSON after RFC 7807, without markup and without secrets."""
    site.override = web.Response(status=400, text=body)
    async with open_loader(context(token=API_KEY)) as loader:
        with pytest.raises(ProviderUnavailableError, match="attic says") as caught:
            await loader.search("x")

    assert said in str(caught.value)
    assert API_KEY not in str(caught.value)


async def test_a_token_cannot_end_its_header(site: JellyfinSite, context: ContextFactory) -> None:
    """Any configured token is sent as one value and refused as one."""
    async with open_loader(context(token='x", Token="y\r\nX-Evil: 1')) as loader:
        with pytest.raises(ProviderDeniedError):
            await loader.search("lantern")


async def test_secrets_stay_private(
    site: JellyfinSite, context: ContextFactory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords and tokens are not in logs, links, errors, representations or files."""
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    for credentials in ({"token": API_KEY}, {"username": USER, "password": PASSWORD}):
        async with open_loader(context(**credentials)) as loader:
            seen += [repr(loader), repr(await loader.search("lantern"))]
            seen += [repr(await loader.get_series(_KEY))]
            seen += [repr(await loader.get_sources(_FIRST, GER_DUB, _REF))]
            seen += _chain(loader)
            secrets = {*site.tokens, *credentials.values()} - {USER}
            site.override = web.Response(status=400, text=" ".join(secrets))
            with pytest.raises(AniworldError) as caught:
                await loader.search("lantern")
            seen += [str(caught.value), repr(caught.value), str(caught.value.hint)]
            site.override = None
            _must_be_hidden(secrets, seen, caplog.text, tmp_path)


def _chain(loader: object) -> list[str]:
    server = loader.inner._servers[0]  # type: ignore[attr-defined]
    return [repr(server), repr(server.session), repr(server.session._access)]


def _must_be_hidden(secrets: set[str], seen: list[str], logged: str, folder: Path) -> None:
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in "\n".join(seen)
        assert secret not in logged
        assert secret.encode() not in files
