"""Webhook: signed JSON, posted to a real server on loopback."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import NetworkConfig, NotificationKind, NotificationsConfig
from aniworld_core.errors import NotificationFailedError
from aniworld_core.ports.context import AdapterContext
from aniworld_providers.notify.webhook import open_notifier
from support.adapter_context import make_context
from support.sites.page_site import Site, html, serve_pages

pytestmark = pytest.mark.anyio

SECRET = "a secret of good length"
NEWS = Notification(
    kind=NotificationKind.COMPLETED,
    at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    title="Größe S01E01 is complete",
    body="file",
    data={"season": 1},
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve_pages() as site:
        site.answers = [html(status=204)]
        yield site


@pytest.fixture
def context(tmp_path: Path) -> AdapterContext:
    return _with_secret(make_context(tmp_path), SECRET)


def _with_secret(context: AdapterContext, secret: str) -> AdapterContext:
    notifications = NotificationsConfig(webhook_secret=secret)
    return attrs.evolve(context, config=attrs.evolve(context.config, notifications=notifications))


async def _post(url: str, context: AdapterContext) -> None:
    async with open_notifier(url, context) as notifier:
        await notifier.notify(NEWS)


async def test_the_body_is_signed(site: Site, context: AdapterContext) -> None:
    """A receiver with the secret can verify sender and time."""
    bodies: list[bytes] = []

    async def take(request):  # type: ignore[no-untyped-def]
        bodies.append(await request.read())
        return html(status=204)

    site.answers = [take]
    await _post(f"{site.url}/hook?token=1", context)

    (request,) = site.requests
    timestamp = request.headers["X-Aniworld-Timestamp"]
    expected = hmac.new(
        SECRET.encode(), f"{timestamp}.".encode() + bodies[0], hashlib.sha256
    ).hexdigest()
    assert request.headers["X-Aniworld-Signature"] == f"sha256={expected}"
    assert int(timestamp) == NEWS.at.timestamp()
    assert (request.method, request.path_qs) == ("POST", "/hook?token=1")
    assert request.headers["Content-Type"] == "application/json"
    document = json.loads(bodies[0])
    assert len(document.pop("id")) == 36
    assert document == {
        "event": "completed",
        "at": "2026-01-02T03:04:05Z",
        "title": "Größe S01E01 is complete",
        "body": "file",
        "data": {"season": 1},
    }


async def test_a_temporary_fault_is_retried(site: Site, context: AdapterContext) -> None:
    """The retry has the same id, so a receiver can recognise it."""
    ids: list[str] = []

    async def fail(request):  # type: ignore[no-untyped-def]
        ids.append(json.loads(await request.read())["id"])
        return html(status=503 if len(ids) == 1 else 200)

    site.answers = [fail]
    await _post(site.url, context)
    assert len(ids) == 2
    assert len(set(ids)) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 302])
async def test_a_refusal_is_reported_without_the_address(
    site: Site, context: AdapterContext, status: int
) -> None:
    """The path may be secret; the error names host and reason."""
    site.answers = [html(status=status, Location="https://elsewhere.invalid/")]
    with pytest.raises(NotificationFailedError) as failed:
        await _post(f"{site.url}/secret-path?key=secret", context)
    assert "the webhook at 127.0.0.1" in str(failed.value)
    assert "secret" not in str(failed.value)


async def test_a_closed_port(context: AdapterContext) -> None:
    """A closed port is a failed delivery."""
    with pytest.raises(NotificationFailedError):
        await _post("http://127.0.0.1:1/", context)


async def test_nothing_is_sent_unsigned(site: Site, context: AdapterContext) -> None:
    """Without a secret of sufficient length no notifier is opened."""
    with pytest.raises(NotificationFailedError, match="webhook_secret"):
        await _post(site.url, _with_secret(context, "short"))
    assert site.requests == []


@pytest.mark.parametrize("url", ["ftp://a.invalid/secret", "https://", "http://[secret"])
async def test_only_web_addresses(context: AdapterContext, url: str) -> None:
    """Other addresses are refused before a connection is opened."""
    with pytest.raises(NotificationFailedError) as failed:
        await _post(url, context)
    assert "secret" not in str(failed.value)


async def test_redirects_to_other_private_addresses_are_refused(
    site: Site, context: AdapterContext
) -> None:
    """The configured address may be private; the target of its redirect may not."""
    site.answers = [html(status=307, Location="http://localhost:1/")]
    with pytest.raises(NotificationFailedError):
        await _post(site.url, context)


async def test_the_catalogues_proxy_is_not_used(site: Site, context: AdapterContext) -> None:
    """A proxy for catalogues does not see webhooks."""
    network = NetworkConfig(proxy="http://127.0.0.1:1")
    config = attrs.evolve(context.config, network=network)
    await _post(site.url, attrs.evolve(context, config=config))
    assert len(site.requests) == 1
