"""Contract of notifiers."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.configuration import NotificationsConfig
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notifier import Notifier
from aniworld_core.testing.contracts.notifier import NotifierContract
from aniworld_providers.notify.webhook import open_notifier
from support.adapter_context import make_context
from support.sites.page_site import Site, html, serve_pages


class TestWebhookNotifier(NotifierContract):
    @pytest.fixture
    async def site(self) -> AsyncIterator[Site]:
        """Serve a receiver on loopback."""
        async with serve_pages() as site:
            yield site

    @pytest.fixture
    def context(self, tmp_path: Path) -> AdapterContext:
        """Return a context with a key for signatures."""
        context = make_context(tmp_path)
        notifications = NotificationsConfig(webhook_secret="a secret of good length")
        return attrs.evolve(
            context, config=attrs.evolve(context.config, notifications=notifications)
        )

    @pytest.fixture
    async def notifier(self, site: Site, context: AdapterContext) -> AsyncIterator[Notifier]:
        """Post to a receiver that accepts everything."""
        site.answers = [html(status=204)]
        async with open_notifier(f"{site.url}/hook", context) as notifier:
            yield notifier

    @pytest.fixture
    async def failing(self, site: Site, context: AdapterContext) -> AsyncIterator[Notifier]:
        """Post to a receiver that refuses everything."""
        site.answers = [html(status=403)]
        async with open_notifier(f"{site.url}/secret?token=secret", context) as notifier:
            yield notifier
