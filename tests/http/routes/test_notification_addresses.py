"""Stored notification addresses: shown without secrets, and removed one by one."""

from pathlib import Path

import pytest

from support.http_stage import open_server

pytestmark = pytest.mark.anyio

PATH = "/api/notifications/addresses"
URLS = ["ntfys://user:S3CRET@push.example/topic", "tgram://S3CRET/1", "discord://S3CRET/S3CRET"]
HOOKS = ["https://hooks.example/S3CRET"]


async def test_addresses_are_shown_without_secrets(tmp_path: Path) -> None:
    """The scheme of a service and the host of a webhook are shown, since hosts may be tokens."""
    async with open_server(tmp_path) as server:
        notifications = {"urls": URLS, "webhooks": HOOKS, "webhook_secret": "S3CRET" * 3}
        await server.stage.app.config.replace({"notifications": notifications})
        answer = await server.call("GET", PATH)
        text, found = await answer.text(), await answer.json()

    assert "S3CRET" not in text
    assert "push.example" not in text
    assert [(each["list"], each["position"]) for each in found] == [
        ("urls", 0),
        ("urls", 1),
        ("urls", 2),
        ("webhooks", 0),
    ]
    assert [each["address"] for each in found] == [
        "ntfys://********",
        "tgram://********",
        "discord://********",
        "https://hooks.example/********",
    ]
    assert all(each["service"] for each in found)


@pytest.mark.parametrize("position", [0, 1, 2])
async def test_the_address_that_is_named_is_removed(tmp_path: Path, position: int) -> None:
    """The others stay in their order, although all of them look the same in the document."""
    async with open_server(tmp_path) as server:
        await server.stage.app.config.replace({"notifications": {"urls": URLS}})

        answer = await server.call("DELETE", f"{PATH}/urls/{position}")
        config = await server.stage.app.config.read()

    assert answer.status == 204
    assert list(config.notifications.urls) == URLS[:position] + URLS[position + 1 :]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("urls/3", 404),
        ("urls/9999", 404),
        ("webhooks/0", 404),
        ("urls/-1", 404),
        ("urls/x", 404),
        ("urls/²", 404),
        ("urls/99999", 404),
        ("events/0", 422),
    ],
)
async def test_an_unknown_address_is_refused(tmp_path: Path, place: str, status: int) -> None:
    """A position without an address and another list change nothing."""
    async with open_server(tmp_path) as server:
        await server.stage.app.config.replace({"notifications": {"urls": URLS}})

        answer = await server.call("DELETE", f"{PATH}/{place}")
        config = await server.stage.app.config.read()

    assert answer.status == status
    assert list(config.notifications.urls) == URLS


async def test_a_page_that_is_out_of_date_removes_nothing(tmp_path: Path) -> None:
    """After a change in another tab the position may be that of another address."""
    async with open_server(tmp_path) as server:
        await server.stage.app.config.replace({"notifications": {"urls": URLS}})
        tag = (await server.call("GET", "/api/config")).headers["ETag"]
        await server.stage.app.config.replace({"name": "Elsewhere"})

        refused = await server.call("DELETE", f"{PATH}/urls/0", headers={"If-Match": tag})
        tag = (await server.call("GET", "/api/config")).headers["ETag"]
        done = await server.call("DELETE", f"{PATH}/urls/0", headers={"If-Match": tag})

    assert (refused.status, done.status) == (409, 204)
