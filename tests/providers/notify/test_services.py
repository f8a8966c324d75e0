"""Services and addresses from Apprise's own description, with a stand-in for Apprise."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from aniworld_core.errors import AdapterNotFoundError, InvalidFieldsError
from aniworld_providers.notify import services as module
from support.http_stage import open_server

_TEXT = {"type": "string", "private": False, "required": False}
#: Parts of what `apprise.Apprise().details()` of version 2.3 returns.
DETAILS: dict[str, Any] = {
    "schemas": [
        {
            "service_name": "ntfy",
            "setup_url": "https://appriseit.com/services/ntfy/",
            "protocols": ("ntfy",),
            "secure_protocols": ("ntfys",),
            "details": {
                "templates": (
                    "{schema}://{topic}",
                    "{schema}://{host}/{targets}",
                    "{schema}://{user}:{password}@{host}:{port}/{targets}",
                ),
                "tokens": {
                    "host": {**_TEXT, "name": "Hostname", "map_to": "host"},
                    "port": {"name": "Port", "type": "int", "min": 1, "max": 65535, "map_to": "p"},
                    "user": {**_TEXT, "name": "Username", "map_to": "user"},
                    "password": {**_TEXT, "name": "Password", "private": True, "map_to": "pw"},
                    "topic": {**_TEXT, "name": "Topic", "map_to": "targets"},
                    "targets": {
                        "name": "Targets",
                        "type": "list:string",
                        "required": True,
                        "map_to": "targets",
                        "group": {"topic"},
                    },
                    "schema": {
                        "name": "Schema",
                        "type": "choice:string",
                        "required": True,
                        "values": ["ntfy", "ntfys"],
                        "map_to": "schema",
                    },
                },
            },
        },
        {
            "service_name": "Discord",
            "setup_url": None,
            "protocols": None,
            "secure_protocols": ("discord",),
            "details": {
                "templates": ("{schema}://{webhook_id}/{webhook_token}",),
                "tokens": {
                    "webhook_id": {**_TEXT, "name": "Webhook ID", "map_to": "a", "required": True},
                    "webhook_token": {
                        **_TEXT,
                        "name": "Webhook Token",
                        "map_to": "b",
                        "required": True,
                        "private": True,
                    },
                    "schema": {
                        "name": "Schema",
                        "type": "choice:string",
                        "values": ["discord"],
                        "map_to": "schema",
                    },
                },
            },
        },
    ]
}


class Apprise:
    """Describe two services, and accept their addresses."""

    sent: ClassVar[list[str]] = []

    def __init__(self, asset: object = None) -> None:
        self.asset = asset

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return iter(())

    def details(self) -> dict[str, Any]:
        """Return the description."""
        return DETAILS

    def add(self, url: str) -> bool:
        """Accept addresses of the two services."""
        self.url = url
        return url.startswith(("ntfy", "discord://")) and "refused" not in url

    def notify(self, **_: str) -> bool:
        """Record the address."""
        self.sent.append(self.url)
        return "broken" not in self.url


@pytest.fixture(autouse=True)
def apprise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the stand-in."""
    stand_in = SimpleNamespace(Apprise=Apprise, AppriseAsset=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "apprise", stand_in)
    monkeypatch.setattr(Apprise, "sent", [])
    module._described.cache_clear()
    yield
    module._described.cache_clear()


def test_services_have_the_fields_of_their_schema() -> None:
    """Required, secret, numbers, lists and choices are known; parts of a list are not fields."""
    discord, ntfy = module.AppriseServices().services()
    assert [(discord.name, discord.title), (ntfy.name, ntfy.link)] == [
        ("discord", "Discord"),
        ("ntfys", "https://appriseit.com/services/ntfy/"),
    ]
    assert [(f.name, f.is_required, f.is_secret) for f in discord.fields] == [
        ("webhook_id", True, False),
        ("webhook_token", True, True),
    ]
    kinds = {field.name: field.kind for field in ntfy.fields}
    assert kinds == {
        "host": "text",
        "port": "number",
        "user": "text",
        "password": "text",
        "targets": "list",
        "schema": "choice",
    }


@pytest.mark.parametrize(
    ("service", "values", "address"),
    [
        ("discord", {"webhook_id": "1", "webhook_token": "a/b"}, "discord://1/a%2Fb"),
        ("ntfys", {"targets": "my topic"}, "ntfys://my%20topic"),
        ("ntfys", {"host": "https://n.example", "targets": "a, b"}, "ntfys://n.example/a/b"),
        (
            "ntfys",
            {
                "schema": "ntfy",
                "host": "n",
                "port": "80",
                "user": "u",
                "password": "p:/@",
                "targets": "t",
            },
            "ntfy://u:p%3A%2F%40@n:80/t",
        ),
    ],
)
def test_an_address_is_made_by_the_pattern_that_fits(
    service: str, values: dict[str, str], address: str
) -> None:
    """No value can change the rest of the address."""
    assert module.AppriseServices().address(service, values) == address


@pytest.mark.parametrize(
    ("service", "values", "pointers"),
    [
        ("gone", {}, ["/service"]),
        ("discord", {"webhook_id": " "}, ["/values/webhook_id", "/values/webhook_token"]),
        ("discord", {"webhook_id": "1", "webhook_token": "2", "x": "3"}, ["/values/x"]),
        ("discord", {"webhook_id": "1", "webhook_token": "refused"}, ["/values"]),
        ("ntfys", {"host": "n", "password": "p", "targets": "t"}, ["/values"]),
        ("ntfys", {"schema": "json://evil.example/?", "targets": "t"}, ["/values/schema"]),
        ("ntfys", {"host": "http://[", "targets": "t"}, ["/values/host"]),
    ],
)
def test_values_that_do_not_fit_are_named(
    service: str, values: dict[str, str], pointers: list[str]
) -> None:
    """The error names the fields, never their values."""
    with pytest.raises(InvalidFieldsError) as wrong:
        module.AppriseServices().address(service, values)
    assert [pointer for pointer, _ in wrong.value.problems] == pointers
    assert "refused" not in str(wrong.value).replace("refused_", "")


@pytest.mark.anyio
async def test_a_service_is_tested_then_added_and_never_shown(tmp_path: Path) -> None:
    """The test stores nothing; the stored address is hidden in every response."""
    body = {"service": "discord", "values": {"webhook_id": "1", "webhook_token": "S3CRET"}}
    path = "/api/notifications/services"
    async with open_server(tmp_path) as server:
        config = server.stage.app.current_config
        _, found = await server.json("GET", path)
        assert [each["title"] for each in found] == ["Discord", "ntfy"]
        status, trial = await server.json("POST", f"{path}/test", body)
        assert (status, trial["works"], trial["target"]) == (200, True, "discord")
        assert len(config.value.notifications.urls) == 0
        broken = {**body, "values": {"webhook_id": "1", "webhook_token": "broken"}}
        _, trial = await server.json("POST", f"{path}/test", broken)
        assert not trial["works"]
        for _ in range(2):
            status, document = await server.json("POST", path, body)
            assert status == 201
            assert "S3CRET" not in str(document)
        assert list(config.value.notifications.urls) == ["discord://1/S3CRET"]
        assert Apprise.sent == ["discord://1/S3CRET", "discord://1/broken"]


@pytest.mark.anyio
async def test_without_apprise_there_are_no_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is empty, and nothing can be added; no request fails with 5xx."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(AdapterNotFoundError):
        module.AppriseServices().services()
    async with open_server(tmp_path) as server:
        assert await server.json("GET", "/api/notifications/services") == (200, [])
        for path in ("/api/notifications/services", "/api/notifications/services/test"):
            status, _ = await server.json("POST", path, {"service": "x", "values": {}})
            assert status == 422
