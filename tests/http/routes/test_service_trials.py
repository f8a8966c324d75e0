"""Tests of services with the values of a form, before they are stored."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from support.http_stage import Server, open_server
from support.identity_provider import CLIENT, open_provider
from support.sites.media_servers import TOKEN, serve_media_server
from support.sites.page_site import html, serve_pages, serving

pytestmark = pytest.mark.anyio

TRIAL = "/api/config/test"
SECRET = "a secret of good length"


def media_servers(url: str, kind: str = "jellyfin", **more: object) -> dict[str, Any]:
    """Return a document with one server."""
    server = {"name": "tv", "kind": kind, "base_url": url, "token": TOKEN, **more}
    return {"media_servers": {"servers": [server]}}


async def tried(server: Server, document: object, pointer: str) -> Any:
    """Return the only result of a test."""
    status, body = await server.json("POST", TRIAL, {"document": document, "pointer": pointer})
    assert status == 200, body
    (result,) = body["results"]
    return result


async def test_a_media_server_is_tested_with_the_values_of_the_form(tmp_path: Path) -> None:
    """Right values work; a wrong address, token, kind and library do not; nothing is stored."""
    pointer = "/media_servers/servers/0"
    async with open_server(tmp_path) as server, serve_media_server("jellyfin") as site:
        root = str(server.stage.app.library.root)
        mapped: dict[str, Any] = {"paths": [f"{root} => /data/anime"]}
        good = await tried(server, media_servers(site.url, **mapped), pointer)
        assert (good["works"], good["target"]) == (True, "tv")
        assert "Jellyfin 10.11.0" in good["detail"]
        for document, kind in (
            (media_servers("http://127.0.0.1:1", **mapped), "connection_failed"),
            (media_servers(site.url, token="wrong", **mapped), "media_server_denied"),
            (media_servers(site.url, "plex", **mapped), "media_server_not_there"),
            (media_servers(site.url), "media_server_lacks_folder"),
            (media_servers(site.url, "emby", **mapped), "adapter_not_found"),
        ):
            result = await tried(server, document, pointer)
            assert (result["works"], result["detail_kind"]) == (False, kind)
            assert TOKEN not in str(result)
        assert site.scanned == []
        assert server.stage.app.current_config.value.media_servers.servers == ()


async def test_a_hidden_secret_is_used_for_its_own_address_only(tmp_path: Path) -> None:
    """`********` stands for the stored token; another address does not get it."""
    async with open_server(tmp_path) as server, serve_media_server("jellyfin") as site:
        root = str(server.stage.app.library.root)
        document = media_servers(site.url, paths=[f"{root} => /data/anime"])
        status, stored = await server.json("PUT", "/api/config", document)
        assert status == 200
        hidden = {"media_servers": stored["media_servers"]}
        result = await tried(server, hidden, "/media_servers/servers/0")
        assert result["works"], result
        hidden["media_servers"]["servers"][0]["base_url"] = "http://127.0.0.1:1"
        body = {"document": hidden, "pointer": "/media_servers"}
        status, problem = await server.json("POST", TRIAL, body)
    assert status == 422
    assert [each["pointer"] for each in problem["errors"]] == ["/media_servers/servers/0/token"]


async def test_a_webhook_gets_a_test_message_before_it_is_stored(tmp_path: Path) -> None:
    """It is signed with the key of the form; a refusal is a failure."""
    async with open_server(tmp_path) as server, serve_pages() as site:
        site.answers = [html(status=204)]
        document = {"notifications": {"webhooks": [site.url], "webhook_secret": SECRET}}
        result = await tried(server, document, "/notifications/webhooks/0")
        assert result["works"], result
        assert len(site.requests) == 1
        site.answers = [html(status=500)]
        result = await tried(server, document, "/notifications")
        assert not result["works"]
        assert site.url not in str(result)


async def test_each_server_of_a_catalogue_is_tested_alone(tmp_path: Path) -> None:
    """One wrong server of several does not hide behind the others."""
    page = '<html><body><a href="Alpha/">Alpha/</a></body></html>'
    async with open_server(tmp_path) as server, serve_pages() as site:
        site.answers = [html(page, Content_Type="text/html")]
        servers = [
            {"name": "a", "base_url": site.url},
            {"name": "b", "base_url": "http://127.0.0.1:1"},
        ]
        document = {"providers": {"index": {"servers": servers}}}
        body = {"document": document, "pointer": "/providers/index"}
        status, answer = await server.json("POST", TRIAL, body)
    assert status == 200
    assert [(each["target"], each["works"]) for each in answer["results"]] == [
        ("a", True),
        ("b", False),
    ]


@pytest.mark.parametrize("name", ["aniworld", "serienstream", "archive", "jellyfin", "index"])
async def test_a_wrong_address_of_a_catalogue_fails(tmp_path: Path, name: str) -> None:
    """No local list hides that the address of the form does not answer, or answers otherwise."""
    async with open_server(tmp_path) as server, serve_pages() as site:
        site.answers = [html("<html>a router</html>", Content_Type="text/html")]
        for url in ("http://127.0.0.1:1", site.url):
            document = {"providers": {name: {"base_url": url}}}
            result = await tried(server, document, f"/providers/{name}")
            if name == "index" and url == site.url:
                continue  # any page may be a directory index
            assert not result["works"], (url, result)


def provider_of(issuer: str, **more: object) -> dict[str, Any]:
    """Return a document with an identity provider."""
    oidc = {"issuer": issuer, "client_id": CLIENT, "public_url": "https://anime.example"}
    return {"oidc": {**oidc, **more}}


async def test_an_identity_provider_is_tested_with_the_values_of_the_form(tmp_path: Path) -> None:
    """A provider that users could be sent to works; a wrong address or answer does not."""
    async with (
        open_server(tmp_path) as server,
        open_provider(server.stage.clock.now) as provider,
        serve_pages() as page,
    ):
        page.answers = [html("<html>a router</html>")]
        good = await tried(server, provider_of(provider.address), "/oidc")
        assert (good["works"], good["detail_kind"]) == (True, "oidc_works")
        for document, kind in (
            (provider_of("http://127.0.0.1:1"), "oidc_unreachable"),
            (provider_of(page.url), "oidc_bad_answer"),
            (provider_of(provider.address.replace("127.0.0.1", "localhost")), "oidc_other_issuer"),
            (provider_of(provider.address, public_url=""), "oidc_incomplete"),
        ):
            result = await tried(server, document, "/oidc")
            assert (result["works"], result["detail_kind"]) == (False, kind)
        provider.metadata = {"jwks_uri": f"{provider.address}/none"}
        result = await tried(server, provider_of(provider.address), "/oidc")
        assert (result["works"], result["detail_kind"]) == (False, "oidc_bad_answer")
        body = {"document": {"oidc": {"issuer": ""}}, "pointer": "/oidc"}
        assert (await server.json("POST", TRIAL, body))[1] == {"results": []}
        assert server.stage.app.current_config.value.oidc.issuer == ""


#: What each kind of service is tested with, by the pointer of its settings.
SERVICES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "/media_servers/servers/0": media_servers,
    "/notifications/webhooks/0": lambda url: {
        "notifications": {"webhooks": [url], "webhook_secret": SECRET}
    },
    "/oidc": provider_of,
    **{
        f"/providers/{name}": partial(
            lambda name, url: {"providers": {name: {"base_url": url}}}, name
        )
        for name in ("aniworld", "serienstream", "archive", "index")
    },
    "/providers/jellyfin/servers/0": lambda url: {
        "providers": {"jellyfin": {"servers": [{"name": "tv", "base_url": url, "token": TOKEN}]}}
    },
}


@pytest.mark.parametrize("pointer", SERVICES)
async def test_a_service_that_never_answers_fails_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pointer: str
) -> None:
    """Each test ends with a limit of time that the result names."""
    core = "aniworld_core.application.automation"
    for module in ("setting_tests", "media_server_refresh", "notification_sender"):
        monkeypatch.setattr(f"{core}.{module}.DEADLINE", timedelta(seconds=0.2))
    oidc = "aniworld_http.security.oidc.provider._TIMEOUT"
    monkeypatch.setattr(oidc, aiohttp.ClientTimeout(total=0.2))
    released = anyio.Event()

    async def hang(_request: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with serving(hang) as url, open_server(tmp_path) as server:
        result = await tried(server, SERVICES[pointer](url), pointer)
        released.set()
    assert not result["works"]
    assert "did not answer within 0 s" in result["detail"]


async def test_what_cannot_be_tested_is_said(tmp_path: Path) -> None:
    """Invalid documents and other sections are 422; an empty section has no results."""
    async with open_server(tmp_path) as server:
        for body, expected in (
            ({"pointer": "/downloads"}, 422),
            ({"pointer": "x"}, 422),
            ({"document": {"downloads": {"concurrent": 99}}, "pointer": "/notifications"}, 422),
            ({"pointer": "/media_servers"}, 200),
            ({"pointer": "/notifications/urls/7"}, 200),
        ):
            status, answer = await server.json("POST", TRIAL, body)
            assert status == expected, (body, answer)
