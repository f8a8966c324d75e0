"""The examples fit to the server and to the library."""

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import anyio
import attrs
import pytest

from aniworld_core import DownloadFailed
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName
from aniworld_core.testing.factories import START, make_item, make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import open_stage
from support.http_stage import open_server

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples"


def _yaml(name: str) -> Any:
    text = (EXAMPLES / name).read_text("utf-8")
    return importlib.import_module("yaml").safe_load(text)


def _homepage() -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Yield address, headers and path of each value of the Homepage widgets."""
    for widget in _yaml("homepage-widget.yaml")[0]["Media"][0]["Aniworld"]["widgets"]:
        assert widget["type"] == "customapi"
        for mapping in widget["mappings"]:
            path, field = [], mapping["field"]
            while isinstance(field, dict):
                (name, field), *_ = field.items()
                path.append(name)
            yield widget["url"], widget["headers"], [*path, field]


def _home_assistant() -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Yield address, headers and path of each value of the Home Assistant sensors."""
    for entry in _yaml("home-assistant.yaml")["rest"]:
        for sensor in entry["sensor"]:
            found = re.fullmatch(r"\{\{ value_json\.([\w.]+) \}\}", sensor["value_template"])
            assert found
            yield entry["resource"], entry["headers"], found[1].split(".")
            base = sensor.get("json_attributes_path", "$").split(".")[1:]
            for name in sensor.get("json_attributes", ()):
                yield entry["resource"], entry["headers"], [*base, name]


@pytest.mark.parametrize("values", [_homepage, _home_assistant])
async def test_dashboards_read_values_that_exist(tmp_path: Path, values: Any) -> None:
    """Every value of the dashboard is a number that a key of the scope read gets."""
    read = list(values())
    assert len(read) > 4
    async with open_server(tmp_path) as server:
        key = {"name": "dashboard", "scope": "read"}
        status, made = await server.json("POST", "/api/auth/keys", key)
        assert status == 201
        for address, headers, path in read:
            sent = {name: made["key"] if v == "KEY" else v for name, v in headers.items()}
            status, value = await server.json("GET", urlsplit(address).path, headers=sent, token="")
            assert status == 200
            for name in path:
                value = value[name]
            assert isinstance(value, int | float), path


@pytest.fixture(scope="module")
def bot() -> ModuleType:
    """Load `examples/bot.py`."""
    spec = importlib.util.spec_from_file_location("bot", EXAMPLES / "bot.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("retryable", "is_posted"), [(True, False), (False, True)])
def test_the_bot_posts_only_final_failures(
    bot: ModuleType, *, retryable: bool, is_posted: bool
) -> None:
    """A failure is posted with its reason, unless it is tried again."""
    failure = Failure(kind="hoster_broken", message="no source", retryable=retryable)
    item = attrs.evolve(make_item(), failure=failure)

    text = bot.message_of(DownloadFailed(item=item, folder=FolderName("A"), at=START))

    assert (text is not None) is is_posted
    assert text is None or "no source" in text


async def test_the_bot_posts_finished_downloads(tmp_path: Path, bot: ModuleType) -> None:
    """The bot sends one text for each episode that the worker finishes."""
    texts: list[str] = []

    async def send(text: str) -> None:
        texts.append(text)

    link = "https://fake.invalid/a"
    series = make_series("a", provider="fake", site="fake.invalid", link=link)
    loader = FakeLoader(series=[series])
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        tasks.start_soon(bot.post_news, stage.app, send)
        await anyio.wait_all_tasks_blocked()
        await stage.app.catalogue.add(link)
        items = await stage.app.queue.enqueue(series.key, missing=True)
        await stage.app.worker.drain()
        with anyio.fail_after(PATIENCE):
            while len(texts) < len(items):
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()

    assert items
    assert all(" is ready: " in text for text in texts)
