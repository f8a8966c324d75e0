"""Failure capsules: recorded without secrets, and replayed without the site."""

import json
import os
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.errors import NeedsPersonError, ProviderChangedError, UsageError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues import aniworld, jellyfin
from aniworld_providers.network.capsules import archive as capsule_format
from aniworld_providers.network.capsules.archive import read_capsule
from aniworld_providers.network.capsules.replay import replay
from support.adapter_context import JumpingClock, make_context
from support.sites.aniworld import AniworldSite, foxes, html, open_aniworld_site
from support.sites.jellyfin import API_KEY, PASSWORD, USER, open_jellyfin_site

pytestmark = pytest.mark.anyio

KEY = parse_series_key("fox-fanfare")


@pytest.fixture
async def site() -> AsyncIterator[AniworldSite]:
    async with open_aniworld_site("v1", foxes()) as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def context(site: AniworldSite, tmp_path: Path, clock: JumpingClock) -> AdapterContext:
    return make_context(tmp_path, clock=clock, aniworld=ProviderConfig(base_url=site.url))


@pytest.fixture
async def loader(context: AdapterContext) -> AsyncIterator[Loader]:
    async with aniworld.open_loader(context) as loader:
        yield loader


def _kept(folder: Path) -> list[Path]:
    return sorted((folder / "capsules").glob("*.zip"))


def _unpacked(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def _change_the_page(site: AniworldSite, text: str = "") -> None:
    """Serve a second season with an unknown structure."""
    site.pages["/anime/stream/fox-fanfare/staffel-3"] = f"<html><body>{text}</body></html>"


async def test_a_changed_page_is_recorded(
    loader: Loader, site: AniworldSite, tmp_path: Path
) -> None:
    """The hint of the error names the capsule."""
    _change_the_page(site)

    with pytest.raises(ProviderChangedError) as changed:
        await loader.get_series(KEY)

    (path,) = _kept(tmp_path)
    assert str(path) in str(changed.value.hint)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = read_capsule(path)
    assert (kept.provider, kept.operation, kept.arguments["key"]) == ("aniworld", "get_series", KEY)
    assert kept.outcome == f"provider_changed: {changed.value}"
    assert [e.url.rpartition("/")[2] for e in kept.own][-1] == "staffel-3"
    assert kept.versions["aniworld-providers"]


async def test_a_replay_gives_the_same_outcome(
    site: AniworldSite, context: AdapterContext, tmp_path: Path
) -> None:
    """The same adapter gets its answers from the capsule only."""
    _change_the_page(site)
    async with aniworld.open_loader(context) as loader:
        with pytest.raises(ProviderChangedError):
            await loader.get_series(KEY)
    asked = len(site.asked)

    report = await replay(_kept(tmp_path)[0])

    assert report.is_same
    assert report.replayed == report.recorded
    assert report.recorded.startswith("provider_changed")
    assert report.unanswered == ()
    assert len(site.asked) == asked


async def test_browse_lists_and_rescans_are_replayed(
    site: AniworldSite, context: AdapterContext, tmp_path: Path
) -> None:
    """A rescan that cannot parse the newest season reads the whole series before it fails."""
    async with aniworld.open_loader(context) as loader:
        known = await loader.get_series(KEY)
        _change_the_page(site)
        site.pages["/animekalender"] = "<html><body>anders</body></html>"
        with pytest.raises(ProviderChangedError):
            await loader.browse(BrowseListName.CALENDAR)
        with pytest.raises(ProviderChangedError):
            await loader.refresh(known)

    reports = [await replay(path) for path in _kept(tmp_path)]

    assert {(r.operation, r.is_same, r.unanswered) for r in reports} == {
        ("browse", True, ()),
        ("refresh", True, ()),
    }


async def test_a_fixed_adapter_gives_another_outcome(
    loader: Loader, site: AniworldSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay shows whether a change of the adapter helps."""
    from aniworld_providers.catalogues.aniworld.layouts.v1 import LayoutV1
    from aniworld_providers.catalogues.aniworld.values import SeasonPage

    _change_the_page(site)
    with pytest.raises(ProviderChangedError):
        await loader.get_series(KEY)
    monkeypatch.setattr(
        LayoutV1, "parse_season", lambda *_, **__: SeasonPage(seasons=None, rows=())
    )

    report = await replay(_kept(tmp_path)[0])

    assert (report.is_same, report.replayed) == (False, "ok")


async def test_a_parser_bug_is_recorded(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller gets the exception of the parser unchanged."""
    from aniworld_providers.catalogues.aniworld.layouts.v1 import LayoutV1

    def stumble(*_: Any, **__: Any) -> None:
        raise IndexError("no such row")

    monkeypatch.setattr(LayoutV1, "parse_series", stumble)

    with pytest.raises(IndexError):
        await loader.get_series(KEY)

    assert read_capsule(_kept(tmp_path)[0]).outcome == "unexpected: IndexError: no such row"
    assert (await replay(_kept(tmp_path)[0])).is_same


async def test_decisions_and_causes_are_recorded(
    loader: Loader, site: AniworldSite, tmp_path: Path
) -> None:
    """A capsule holds decisions about answers and the causes of the error."""
    answers = [html("busy", 503), html("<html>Checking your browser</html>", 403)]
    site.pages["/anime/stream/fox-fanfare"] = lambda: answers.pop(0)

    with pytest.raises(NeedsPersonError):
        await loader.get_series(KEY)

    (path,) = _kept(tmp_path)
    assert any("HTTP 503; retry in" in decision for decision in read_capsule(path).decisions)
    assert (await replay(path)).is_same


async def test_nothing_private_is_recorded(
    loader: Loader, site: AniworldSite, tmp_path: Path
) -> None:
    """A capsule holds no cookies, tokens or addresses from any part of a page."""
    secrets = {
        "cookie": "c00kie-monster",
        "csrf": "csrf-4711",
        "json": "json-0815",
        "query": "query-1234",
        "address": "203.0.113.77",
        "other": "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        "user": "somebody:hunter2",
    }
    text = (
        f'<meta name="csrf-token" content="{secrets["csrf"]}">'
        f'<script>x = {{"accessToken": "{secrets["json"]}"}}</script>'
        f'<a href="/r?t={secrets["query"]}&amp;x=1">play</a>'
        f"Your address: {secrets['address']} or {secrets['other']}"
        f'<a href="https://{secrets["user"]}@example.invalid/">x</a> 12:30:45 v1.2.3'
    )
    site.pages["/anime/stream/fox-fanfare/staffel-3"] = html(
        f"<html><body>{text}</body></html>", Set_Cookie=secrets["cookie"]
    )

    with pytest.raises(ProviderChangedError):
        await loader.get_series(KEY)

    kept = _unpacked(_kept(tmp_path)[0])
    assert [name for name, secret in secrets.items() if secret in kept] == []
    assert site.url.partition("//")[2] not in kept
    assert "127.0.0.1" not in kept
    assert "12:30:45 v1.2.3" in kept


@pytest.mark.parametrize("is_login", [False, True], ids=["key", "login"])
async def test_servers_stay_anonymous(tmp_path: Path, *, is_login: bool) -> None:
    """A capsule holds neither address, name nor key of a private server, and can be replayed."""
    async with open_jellyfin_site() as site:
        login = {"username": USER, "password": PASSWORD} if is_login else {"token": API_KEY}
        server = ServerConfig(name="grandmas-attic", base_url=site.url, **login)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with jellyfin.open_loader(make_context(tmp_path, jellyfin=section)) as loader:
            (hit,) = await loader.search("lantern")
            series = await loader.get_series(hit.key)
            site.override = web.json_response({"Items": None, "To": [site.url, *login.values()]})
            with pytest.raises(ProviderChangedError):
                await loader.get_series(hit.key, series.provider_ref)

    (path,) = _kept(tmp_path)
    kept = _unpacked(path)
    secrets = [f'"{USER}"', json.dumps(PASSWORD)] if is_login else [API_KEY]
    private = [*secrets, *site.issued, site.address, "127.0.0.1", "grandmas-attic"]
    assert [secret for secret in private if secret in kept] == []
    report = await replay(path)
    assert report.is_same, report


async def test_the_same_failure_is_recorded_once(
    loader: Loader, site: AniworldSite, tmp_path: Path, clock: JumpingClock
) -> None:
    """The failures of a large library do not push out all other capsules."""
    _change_the_page(site)
    hints = set()
    for _ in range(3):
        with pytest.raises(ProviderChangedError) as changed:
            await loader.get_series(KEY)
        hints.add(changed.value.hint)

    assert len(_kept(tmp_path)) == len(hints) == 1
    clock.time += timedelta(hours=1)
    with pytest.raises(ProviderChangedError):
        await loader.get_series(KEY)
    assert len(_kept(tmp_path)) == 2


async def test_only_the_newest_capsules_are_kept(
    loader: Loader, site: AniworldSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder has a limit."""
    monkeypatch.setattr(capsule_format, "KEPT", 2)
    _change_the_page(site)
    folder = tmp_path / "capsules"
    folder.mkdir()
    for age, name in enumerate(("a.zip", "b.zip")):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (age, age))

    with pytest.raises(ProviderChangedError):
        await loader.get_series(KEY)

    names = [path.name for path in _kept(tmp_path)]
    assert len(names) == 2
    assert "a.zip" not in names


async def test_a_failed_recording_changes_nothing(
    loader: Loader, site: AniworldSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the capsule cannot be written, the original error is raised."""
    _change_the_page(site)
    (tmp_path / "capsules").write_text("a file where the folder would be")

    with pytest.raises(ProviderChangedError) as changed:
        await loader.get_series(KEY)

    assert "capsules" not in str(changed.value.hint)
    assert "cannot save the pages" in caplog.text


async def test_success_records_nothing(loader: Loader, tmp_path: Path) -> None:
    """Failures that do not concern the site's pages are not recorded either."""
    await loader.get_series(KEY)

    assert _kept(tmp_path) == []


async def test_memory_is_bounded(loader: Loader) -> None:
    """The memory for earlier operations has a limit."""
    keeper: Any = loader
    for _ in range(40):
        await loader.get_series(KEY)

    assert 0 < len(keeper._before.exchanges) <= 60


async def test_a_test_can_be_written(loader: Loader, site: AniworldSite, tmp_path: Path) -> None:
    """The generated file is Python and expects the replayed outcome."""
    _change_the_page(site)
    with pytest.raises(ProviderChangedError):
        await loader.get_series(KEY)

    report = await replay(_kept(tmp_path)[0], write_test=tmp_path / "regression")

    test, fixture = map(Path, report.files)
    source = test.read_text()
    compile(source, str(test), "exec")
    assert report.recorded in source
    assert (await replay(fixture)).is_same
    with pytest.raises(UsageError):
        await replay(_kept(tmp_path)[0], write_test=tmp_path / "regression")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
async def test_other_files_are_refused_as_capsule(content: bytes, tmp_path: Path) -> None:
    """Another file is refused with a reason and without traceback."""
    path = tmp_path / "capsule.zip"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=r"capsule\.zip"):
        await replay(path)
