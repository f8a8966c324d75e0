"""Media servers that answer badly, and addresses of something else."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import attrs
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aniworld_core.domain.configuration import MEDIA_SERVERS, MediaServerConfig
from aniworld_core.errors import MediaServerFailedError
from aniworld_core.ports.media_server import ChangedFolder
from support.adapter_context import make_context
from support.sites.media_servers import LIBRARY, TOKEN, serve_media_server
from support.sites.page_site import Answer, html, serving

pytestmark = pytest.mark.anyio

KINDS = ("jellyfin", "kodi", "plex")
ALPHA = ChangedFolder(path=f"{LIBRARY}/Alpha", has_removals=True)


def _settings(kind: str, url: str) -> MediaServerConfig:
    return MediaServerConfig(
        name="tv", kind=kind, base_url=url, token=TOKEN, username="kodi", password=TOKEN
    )


async def _failures(server: MediaServerConfig, data_dir: Path) -> list[MediaServerFailedError]:
    """Return what a check and a refresh raise, with the adapter that is installed."""
    (found,) = entry_points(group=MEDIA_SERVERS, name=server.kind)
    failures = []
    async with found.load()(server, make_context(data_dir)) as opened:
        for call in (opened.check(), opened.refresh([ALPHA])):
            with pytest.raises(MediaServerFailedError) as failed:
                await call
            failures.append(failed.value)
    return failures


async def _elsewhere(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/web"})


async def _other_host(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://tv.example/web"})


async def _page(_request: web.Request) -> web.StreamResponse:
    return html("<html><title>Sign in</title></html>")


async def _other_json(_request: web.Request) -> web.StreamResponse:
    return web.json_response(["something", "else"])


async def _missing(_request: web.Request) -> web.StreamResponse:
    return html(status=404)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("answer", "reason", "is_final"),
    [
        (_elsewhere, "address_refused", True),
        (_other_host, "redirected_to_origin", False),
        (_page, "media_server_other", True),
        (_other_json, "media_server_other", True),
        (_missing, "media_server_not_there", True),
    ],
)
async def test_other_answers_are_named(
    tmp_path: Path, kind: str, answer: Answer, reason: str, is_final: bool
) -> None:
    """The reason says what was seen; nothing that a retry cannot mend is retried."""
    async with serving(answer) as url:
        for failure in await _failures(_settings(kind, url), tmp_path):
            assert failure.message.values["reason"].kind == reason  # type: ignore[union-attr]
            assert failure.is_final is is_final
            assert TOKEN not in str(failure)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_is_off_is_no_final_failure(tmp_path: Path, kind: str) -> None:
    """A refused connection may succeed later."""
    for failure in await _failures(_settings(kind, "http://127.0.0.1:1"), tmp_path):
        assert not failure.is_final
        assert "connection failed" in str(failure)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("url", ["ftp://tv/", "http://", "tv", "http://[::1"])
async def test_an_unusable_address_is_refused_on_opening(
    tmp_path: Path, kind: str, url: str
) -> None:
    """The error does not wait for the first request."""
    (found,) = entry_points(group=MEDIA_SERVERS, name=kind)
    with pytest.raises(MediaServerFailedError) as failed:
        async with found.load()(_settings(kind, url), make_context(tmp_path)):
            pass
    assert failed.value.is_final


async def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    """A server with a certificate that nobody trusts is not asked."""
    async with _serve_expired(tmp_path) as url:
        for failure in await _failures(_settings("jellyfin", url), tmp_path):
            assert "certificate" in str(failure)


async def test_a_folder_of_no_library_is_named_and_the_others_are_refreshed(
    tmp_path: Path,
) -> None:
    """Plex and Kodi say which folder is in none of their libraries."""
    outside = ChangedFolder(path="/data/anime-new/Beta")
    for kind in ("plex", "kodi"):
        (found,) = entry_points(group=MEDIA_SERVERS, name=kind)
        async with serve_media_server(kind) as site:
            settings = _settings(kind, site.url)
            async with found.load()(settings, make_context(tmp_path)) as opened:
                with pytest.raises(MediaServerFailedError, match="/data/anime-new/Beta"):
                    await opened.refresh([outside, ALPHA])
            assert [path.rstrip("/") for path in site.scanned] == [ALPHA.path]


@pytest.mark.parametrize("is_old", [False, True])
async def test_kodi_cleans_folders_that_files_left(tmp_path: Path, is_old: bool) -> None:
    """Kodi removes vanished files only in a clean; older versions cannot clean one folder."""
    (found,) = entry_points(group=MEDIA_SERVERS, name="kodi")
    async with serve_media_server("kodi") as site:
        site.is_old = is_old
        async with found.load()(_settings("kodi", site.url), make_context(tmp_path)) as opened:
            await opened.refresh([ALPHA, ChangedFolder(path=f"{LIBRARY}/Beta")])
        assert site.scanned == [f"{LIBRARY}/Alpha/", f"{LIBRARY}/Beta/"]
        assert site.cleaned == ([] if is_old else [f"{LIBRARY}/Alpha/"])


@pytest.mark.parametrize(
    ("mapping", "path", "theirs"),
    [
        ("/srv/anime => /data/anime", "/srv/anime/Alpha", "/data/anime/Alpha"),
        ("/srv/anime => /data/anime/", "/srv/anime", "/data/anime/"),
        ("/srv/anime => smb://nas/anime", "/srv/anime/Alpha", "smb://nas/anime/Alpha"),
        (r"/srv/anime => D:\Anime", "/srv/anime/Alpha", r"D:\Anime\Alpha"),
        (r"/srv/anime => \\nas\anime", "/srv/anime/A/B", r"\\nas\anime\A\B"),
        ("/srv => /", "/srv/anime/Alpha", "/anime/Alpha"),
        ("/srv/ani => /data", "/srv/anime/Alpha", "/srv/anime/Alpha"),
    ],
)
def test_paths_are_mapped(mapping: str, path: str, theirs: str) -> None:
    """The server gets its own path; a prefix counts only as a whole folder."""
    server = attrs.evolve(_settings("plex", "http://tv"), paths=(mapping, "/other => /x"))
    assert server.their_path(path) == theirs


def test_the_longest_prefix_counts() -> None:
    """A library folder inside another one can be elsewhere on the server."""
    paths = ("/srv => /a", "/srv/anime => /b", "/srv/an => /c")
    server = attrs.evolve(_settings("plex", "http://tv"), paths=paths)
    assert server.their_path("/srv/anime/Alpha") == "/b/Alpha"
    assert server.their_path("/srv/films/Beta") == "/a/films/Beta"


@asynccontextmanager
async def _serve_expired(folder: Path) -> AsyncIterator[str]:
    """Serve TLS with a certificate that has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    ended = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ended - timedelta(days=1))
        .not_valid_after(ended)
        .sign(key, hashes.SHA256())
    )
    file = folder / "expired.pem"
    form = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", _page)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
