"""Third-party plug-ins: broken ones are listed and skipped, and capsules are replayed."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_providers.network.capsules.archive import Capsule, write_capsule
from aniworld_providers.network.pages.answers import Page
from aniworld_providers.network.pages.exchanges import Exchange
from support.console import Console

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution with a catalogue."""
    site = tmp_path / "site"

    def install(name: str, source: str) -> None:
        info = site / f"aniworld_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: aniworld-{name}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[aniworld.loader]\n{name} = plug_{name}:opener\n")
        (site / f"plug_{name}.py").write_text(source)
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, f"plug_{name}", raising=False)

    return install


@pytest.fixture
def console_of_installed(console: Console) -> Console:
    """Return a console that opens the installed catalogues; only the embedded one is enabled."""
    console.adapters |= {"loaders": None, "resolvers": None, "fetchers": None}
    for name in ("aniworld", "archive", "index", "jellyfin", "serienstream"):
        assert console("config", "set", f"providers.{name}.enabled", "false").code == 0
    assert console("config", "set", "providers.demo.enabled", "true").code == 0
    return console


def test_nothing_is_wrong_without_a_broken_plug_in(console_of_installed: Console) -> None:
    """Without a broken plug-in no provider has a problem."""
    checks = console_of_installed("doctor", "--json")

    assert checks.code == 0, checks.json


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('a mistake in it')", "a mistake in it"),
        ("def another_name(): ...", "opener"),
        (
            "from aniworld_core.errors import InvalidConfigError\n"
            "def opener(context):\n"
            "    raise InvalidConfigError([('/providers/broken/base_url', 'is missing')])\n",
            "base_url",
        ),
        ("def opener(context):\n    raise KeyError('a key of its own')\n", "a key of its own"),
        (
            "from contextlib import asynccontextmanager\n"
            "@asynccontextmanager\n"
            "async def opener(context):\n"
            "    yield 'what is no loader'\n",
            "no Loader but a str",
        ),
    ],
    ids=["does not import", "lacks its factory", "does not open", "fails", "is no loader"],
)
def test_a_broken_plug_in_is_named_and_skipped(
    console_of_installed: Console, install: Install, source: str, reason: str
) -> None:
    """A broken plug-in is listed with its reason and skipped; `doctor` shows a hint."""
    install("broken", source)

    answer = console_of_installed("providers", "--json")
    checks = console_of_installed("doctor", "--json")

    views = {view["name"]: view for view in answer.json if view["kind"] == "catalogue"}
    assert answer.code == 0
    assert views["demo"]["status"] == "ok"
    assert views["broken"]["status"] == "broken"
    assert reason in views["broken"]["detail"]
    found = {check["check"]: check for check in checks.json}["catalogue broken"]
    assert found["status"] == "problem"
    assert "update or remove" in found["hint"]
    assert checks.code == 7, [c for c in checks.json if c["status"] == "problem"]


def test_a_plug_in_with_a_mistake_is_a_line_of_its_own(
    console_of_installed: Console, install: Install
) -> None:
    """A plug-in whose search raises an error does not affect the others."""
    install(
        "mistaken",
        "from contextlib import asynccontextmanager\n"
        "from aniworld_core.testing.fakes import FakeLoader\n"
        "class Mistaken(FakeLoader):\n"
        "    async def search(self, query):\n"
        "        return {}['title']\n"
        "@asynccontextmanager\n"
        "async def opener(context):\n"
        "    yield Mistaken(name='mistaken', site='mistaken.invalid')\n",
    )

    checks = console_of_installed("doctor", "--json")
    found = console_of_installed("search", "Kieselhafen", "--json")

    views = {check["check"]: check for check in checks.json}
    assert views["catalogue mistaken"]["status"] == "problem"
    assert "KeyError" in views["catalogue mistaken"]["detail"]
    assert "update or remove" in views["catalogue mistaken"]["hint"]
    assert views["catalogue demo"]["status"] == "ok"
    assert (views["library"]["status"], checks.code) == ("ok", 7), [
        c for c in checks.json if c["status"] == "problem"
    ]
    assert (found.code, [hit["provider"] for hit in found.json]) == (0, ["demo"])
    assert "mistaken did not answer" in found.err


def _capsule(path: Path, outcome: str) -> Path:
    """Write a capsule with an answer of the archive that is not an item."""
    url = "http://site.invalid/metadata/paper-moon"
    page = Page(status=200, url=url, text="[]", headers={"content-type": "application/json"})
    capsule = Capsule(
        provider="archive",
        operation="get_series",
        arguments={"key": "paper-moon", "ref": ""},
        section=ProviderConfig(base_url="http://site.invalid"),
        outcome=outcome,
        recorded_at=datetime(2026, 11, 21, tzinfo=UTC),
        own=[Exchange(method="GET", url=url, page=page)],
    )
    write_capsule(capsule, path)
    return path


CHANGED = "provider_changed: archive has changed its pages: an item in the answer is missing"


def test_a_capsule_is_replayed(console: Console, tmp_path: Path) -> None:
    """A replay with the same result exits with 0."""
    path = _capsule(tmp_path / "kept.zip", CHANGED)

    answer = console("providers", "replay", str(path), "--json")

    assert answer.code == 0
    assert (answer.json["replayed"], answer.json["is_same"]) == (CHANGED, True)
    assert console("providers", "replay", str(path)).out.count(CHANGED) == 2


def test_another_outcome_is_told(console: Console, tmp_path: Path) -> None:
    """A replay with another result exits with 1 and shows both results."""
    path = _capsule(tmp_path / "kept.zip", "ok")

    answer = console("providers", "replay", str(path))

    assert answer.code == 1
    assert CHANGED in answer.out
    assert "another" in answer.out


def test_a_replay_becomes_a_test(console: Console, tmp_path: Path) -> None:
    """`--write-test` prints the paths of the test and its fixture."""
    path = _capsule(tmp_path / "kept.zip", CHANGED)
    folder = tmp_path / "tests"

    answer = console("providers", "replay", str(path), "--write-test", str(folder), "--json")

    assert answer.json["files"] == [str(folder / "test_kept.py"), str(folder / "kept.zip")]
    assert sorted(p.name for p in folder.iterdir()) == ["kept.zip", "test_kept.py"]


def test_what_is_no_capsule_is_wrong_use(console: Console, tmp_path: Path) -> None:
    """A file that is not a capsule is a usage error."""
    answer = console("providers", "replay", str(tmp_path / "none.zip"))

    assert answer.code == 2
    assert "none.zip" in answer.err
    assert "Traceback" not in answer.err
