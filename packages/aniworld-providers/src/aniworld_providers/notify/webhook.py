"""Notifier that posts signed JSON to a configured address."""

import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import SHORTEST_SECRET
from aniworld_core.errors import AniworldError, NotificationFailedError, ProviderUnavailableError
from aniworld_core.messages import Message, values_of
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notifier import Notifier
from aniworld_providers.network.pages import PageClient, open_page_client, origin_of

TIMESTAMP: Final = "X-Aniworld-Timestamp"
SIGNATURE: Final = "X-Aniworld-Signature"
_LABEL: Final = Message("a_webhook")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body: HMAC-SHA256 (RFC 2104) over `<timestamp>.<body>`.

    The timestamp is signed too, so that a receiver can reject a replayed post.
    """
    signed = timestamp.encode("ascii") + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@attrs.define(eq=False, kw_only=True)
class WebhookNotifier(Notifier):
    """Post to one address; a repeated post has the same `id` in its body."""

    _url: str = attrs.field(repr=False)
    _secret: str = attrs.field(repr=False)
    _label: str
    _client: PageClient
    _new_id: Callable[[], str] = attrs.field(default=lambda: str(uuid.uuid4()))

    async def notify(self, notification: Notification) -> None:
        body = json.dumps(_document(notification, self._new_id()), ensure_ascii=False).encode()
        timestamp = str(int(notification.at.timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, body),
        }
        try:
            await self._client.ask("POST", self._url, headers=headers, body=body, wants_body=False)
        except AniworldError as error:
            raise NotificationFailedError(self._label, _reason(error)) from error


@asynccontextmanager
async def open_notifier(url: str, context: AdapterContext) -> AsyncIterator[Notifier]:
    """Open the notifier installed as `webhook`.

    The address may be in a private range, because the owner configured it. The notifier
    connects to it only, never through the catalogues' proxy.

    Raises:
        NotificationFailedError: If the address is not valid, or no secret is configured.
    """
    secret = context.config.notifications.webhook_secret
    if len(secret) < SHORTEST_SECRET:
        reason = Message("webhook_no_secret")
        raise NotificationFailedError(_LABEL, reason)
    try:
        origin = origin_of(url)
    except AniworldError as error:
        raise NotificationFailedError(_LABEL, Message("not_a_web_address")) from error
    network = attrs.evolve(context.config.network, proxy="", user_agent="")
    context = attrs.evolve(context, config=attrs.evolve(context.config, network=network))
    label = Message("webhook_at", host=urlsplit(url.strip()).hostname)
    async with open_page_client(
        context, "webhook", site=label, reach=frozenset({origin})
    ) as client:
        yield WebhookNotifier(url=url.strip(), secret=secret, label=label, client=client)


def _document(notification: Notification, delivery: str) -> Mapping[str, object]:
    return {
        "id": delivery,
        "event": notification.kind.value,
        "at": notification.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "title": str(notification.title),
        "body": str(notification.body),
        "data": dict(notification.data),
        **_title_message(notification.title),
    }


def _title_message(title: str) -> Mapping[str, object]:
    if not isinstance(title, Message):
        return {}
    return {"title_kind": title.kind, "title_values": values_of(title)}


def _reason(error: AniworldError) -> str:
    """Return the reason without the address, because its path is often secret."""
    if isinstance(error, ProviderUnavailableError):
        return error.reason
    return error.kind.replace("_", " ")
