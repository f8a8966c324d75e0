"""The notifier passes the contract suite, and its lines can be read."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aniworld_core.errors import NotificationFailedError
from aniworld_core.ports import AdapterContext, Notifier
from aniworld_core.testing.contracts.notifier import NOTIFICATION, NotifierContract

from aniworld_example_adapters.notifier import open_notifier


class TestJsonLinesNotifier(NotifierContract):
    @pytest.fixture
    async def notifier(self, context: AdapterContext) -> AsyncIterator[Notifier]:
        async with open_notifier(f"jsonl://{context.data_dir}/events.jsonl", context) as notifier:
            yield notifier

    @pytest.fixture
    async def failing(self, context: AdapterContext) -> AsyncIterator[Notifier]:
        async with open_notifier("jsonl:///no/such/secret/folder/x", context) as notifier:
            yield notifier


@pytest.mark.anyio
async def test_each_notification_is_a_line(tmp_path: Path, context: AdapterContext) -> None:
    """A program that follows the file finds one JSON object per line, umlauts readable."""
    async with open_notifier(f"jsonl://{tmp_path}/events%20of%20today", context) as notifier:
        await notifier.notify(NOTIFICATION)
        await notifier.notify(NOTIFICATION)

    lines = (tmp_path / "events of today").read_text("utf-8").splitlines()
    assert [json.loads(line)["title"] for line in lines] == [NOTIFICATION.title] * 2
    assert "Grüße" in lines[0]


@pytest.mark.anyio
async def test_an_address_without_a_path_is_refused(context: AdapterContext) -> None:
    """The owner learns at once that the address names no file."""
    with pytest.raises(NotificationFailedError, match="no path"):
        async with open_notifier("jsonl://", context):
            pass
