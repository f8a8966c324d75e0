"""Tests of services with the values of a form, before they are stored."""

from pathlib import Path
from typing import Any

import pytest

from support.http_stage import Server, open_server
from support.sites.media_servers import TOKEN, serve_media_server
from support.sites.page_site import html, serve_pages

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
