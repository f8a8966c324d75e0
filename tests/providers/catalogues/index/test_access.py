"""Authentication at a web server, and protection of the password."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import AniworldError, ProviderDeniedError
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.index import open_loader
from support.adapter_context import JumpingClock, make_context
from support.sites.index import PASSWORD, USER, IndexSite, harbour, open_index_site

pytestmark = pytest.mark.anyio

_FIRST = EpisodeRef(parse_series_key("harbour-boeats-2011"), 1, 1)


@asynccontextmanager
async def _opened(
    site: IndexSite, folder: Path, clock: JumpingClock | None = None, **credentials: str
) -> AsyncIterator[Loader]:
    async with open_index_site(site):
        server = ServerConfig(name="attic", base_url=site.url, **credentials)
        section = ProviderConfig(requests_per_minute=6000, servers=(server,))
        async with open_loader(make_context(folder, clock=clock, index=section)) as loader:
            yield loader


@pytest.mark.parametrize("kind", ["dav", "nginx"])
@pytest.mark.parametrize("auth", ["basic", "digest", "basic digest"])
async def test_a_password_opens_folders_and_files(tmp_path: Path, kind: str, auth: str) -> None:
    """The strongest offered scheme is used; sources carry the headers for their files."""
    site = IndexSite(kind=kind, auth=auth, tree=harbour())
    async with _opened(site, tmp_path, username=USER, password=PASSWORD) as loader:
        (source,) = await loader.get_sources(_FIRST, GER_DUB)

    header = dict(source.headers)["Authorization"]
    assert header.startswith("Digest " if "digest" in auth else "Basic ")
    assert "digest" not in auth or not any(sent.startswith("Basic") for sent in site.sent)


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_a_wrong_jellyfin_password_is_tried_once(tmp_path: Path, auth: str) -> None:
    """A second attempt could lock the account; the hint names the server."""
    site = IndexSite(kind="dav", auth=auth, tree=harbour())
    async with _opened(site, tmp_path, username=USER, password="wrong") as loader:
        for _ in range(3):
            with pytest.raises(ProviderDeniedError) as caught:
                await loader.search("harbour")

    assert len(site.sent) == 1
    assert "attic" in (caught.value.hint or "")


async def test_without_credentials_access_is_denied(tmp_path: Path) -> None:
    """One request is sent."""
    site = IndexSite(kind="dav", auth="basic", tree=harbour())
    async with _opened(site, tmp_path) as loader:
        for _ in range(2):
            with pytest.raises(ProviderDeniedError):
                await loader.search("harbour")

    assert len(site.asked) == 1


async def test_no_unrequested_password_is_sent(tmp_path: Path) -> None:
    """An open server never gets the password."""
    site = IndexSite(kind="nginx", tree=harbour())
    async with _opened(site, tmp_path, username=USER, password=PASSWORD) as loader:
        (source,) = await loader.get_sources(_FIRST, GER_DUB)

    assert site.sent == []
    assert source.headers == ()


async def test_an_expired_digest_is_renewed(tmp_path: Path) -> None:
    """Servers change their nonce every few minutes; the password is still right."""
    site, clock = IndexSite(kind="dav", auth="digest", tree=harbour()), JumpingClock()
    async with _opened(site, tmp_path, clock, username=USER, password=PASSWORD) as loader:
        await loader.search("harbour")
        site.nonce = "n2"
        clock.time = clock.time.replace(hour=20)
        assert await loader.search("harbour")
        (source,) = await loader.get_sources(_FIRST, GER_DUB)
        site.nonce = "n3"
        (again,) = await loader.get_sources(_FIRST, GER_DUB)

    assert 'nonce="n2"' in dict(source.headers)["Authorization"]
    assert 'nonce="n3"' in dict(again.headers)["Authorization"]


async def test_a_password_that_was_changed_is_given_up(tmp_path: Path) -> None:
    """With a fresh nonce the password is tried once more, then given up."""
    site, clock = IndexSite(kind="dav", auth="digest", tree=harbour()), JumpingClock()
    async with _opened(site, tmp_path, clock, username=USER, password=PASSWORD) as loader:
        await loader.search("harbour")
        site.password = "another"
        clock.time = clock.time.replace(hour=20)
        with pytest.raises(ProviderDeniedError):
            await loader.search("harbour")

    assert len(site.sent) <= 3


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest realm="x"',
        'Digest realm="x", nonce="1", algorithm=ROT13',
        'Digest realm="x", nonce="1", qop="auth-int"',
        'Digest realm="x", nonce="1", qop="other"',
        "Digest nonsense",
        "Digest",
        "Negotiate",
        ", , ,",
    ],
)
async def test_unsupported_challenges_are_refusals(tmp_path: Path, challenge: str) -> None:
    """They raise the same error as a wrong password."""
    site = IndexSite(tree=harbour())
    site.override = web.Response(status=401, headers={"WWW-Authenticate": challenge})
    async with _opened(site, tmp_path, username=USER, password=PASSWORD) as loader:
        with pytest.raises(ProviderDeniedError):
            await loader.search("harbour")

    assert len(site.asked) <= 2


async def test_a_token_is_sent_from_the_start(tmp_path: Path) -> None:
    """A refused token is not sent again."""
    site = IndexSite(kind="dav", auth="bearer", tree=harbour())
    async with _opened(site, tmp_path, token="canary-token") as loader:
        for _ in range(2):
            with pytest.raises(ProviderDeniedError):
                await loader.search("harbour")

    assert site.sent == ["Bearer canary-token"]


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_secrets_stay_private(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, auth: str
) -> None:
    """The password is not in logs, links, errors, representations or files, not even in base64."""
    caplog.set_level(logging.DEBUG)
    site = IndexSite(kind="nginx", auth=auth, tree=harbour())
    async with _opened(site, tmp_path, username=USER, password=PASSWORD) as loader:
        seen = [repr(await loader.search("harbour"))]
        seen += [repr(await loader.get_series(_FIRST.series_key))]
        sources = await loader.get_sources(_FIRST, GER_DUB)
        server = loader.inner._servers[0]  # type: ignore[attr-defined]
        seen += [repr(sources), repr(loader), repr(server), repr(server.access)]
        site.override = web.Response(status=500, text=PASSWORD)
        with pytest.raises(AniworldError) as caught:
            await loader.get_series(_FIRST.series_key)
        seen += [str(caught.value), repr(caught.value), caplog.text]

    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    encoded = dict(sources[0].headers)["Authorization"].partition(" ")[2]
    for secret in (PASSWORD, encoded):
        assert secret not in "\n".join(seen)
        assert secret.encode() not in files
