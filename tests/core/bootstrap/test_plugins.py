"""Adapters found by entry point: missing, duplicate and broken ones."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aniworld_core.bootstrap.plugins import (
    adapter_distributions,
    load_adapter,
    load_adapters,
    scheme_of,
)
from aniworld_core.errors import AdapterBrokenError, AdapterNotFoundError, SettingsError

GROUP = "aniworld.test_group"
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution with entry points."""

    def install(distribution: str, folder: str = "site", **adapters: str) -> None:
        site = tmp_path / folder
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0")
        lines = [f"{name} = {value}" for name, value in adapters.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
        if str(site) not in sys.path:
            monkeypatch.syspath_prepend(str(site))

    return install


def test_an_adapter_is_loaded_by_name(install: Install) -> None:
    """The object that the entry point names is returned."""
    install("good-one", path="pathlib:Path")
    assert load_adapter(GROUP, "path") is Path
    assert load_adapters(GROUP) == {"path": Path}
    assert adapter_distributions(GROUP) == {"path": "good-one"}


def test_a_missing_adapter_says_what_there_is(install: Install) -> None:
    """The hint names installed adapters and the package to install."""
    install("good-one", path="pathlib:Path")
    with pytest.raises(AdapterNotFoundError) as missing:
        load_adapter(GROUP, "postgresql")
    assert missing.value.installed == ("path",)
    assert "aniworld-postgres" in str(missing.value.hint)
    with pytest.raises(AdapterNotFoundError):
        load_adapter("aniworld.nothing_here", "x")


def test_two_distributions_with_one_name(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """Two distributions with one name are an error that names both."""
    install("first-one", same="pathlib:Path")
    install("second-one", same="pathlib:PurePath", other="pathlib:PosixPath")
    with pytest.raises(AdapterBrokenError, match=r"(?s)first-one.*second-one"):
        load_adapter(GROUP, "same")
    assert set(load_adapters(GROUP)) == {"other"}
    assert "second-one" in caplog.text


def test_the_same_adapter_twice_on_the_path_is_one(install: Install) -> None:
    """The same distribution twice on the path, as wheel and checkout, counts once."""
    install("one", same="pathlib:Path")
    install("one", folder="checkout", same="pathlib:Path")
    assert load_adapter(GROUP, "same") is Path


@pytest.mark.parametrize("value", ["no_such_module_here:x", "pathlib:NoSuchThing", "this_breaks:x"])
def test_a_broken_adapter(
    install: Install, tmp_path: Path, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken adapter is an error by name, and logged and skipped in a group."""
    install("broken-one", bad=value, good="pathlib:Path")
    (tmp_path / "site" / "this_breaks.py").write_text("1 / 0\n")
    with pytest.raises(AdapterBrokenError, match="broken-one"):
        load_adapter(GROUP, "bad")
    assert load_adapters(GROUP) == {"good": Path}
    assert "broken-one" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("sqlite:///x.db", "sqlite"),
        ("sqlite://", "sqlite"),
        ("postgresql+psycopg://u:p@h/x", "postgresql"),
        ("LOCAL", "local"),
        ("mailto:x", "mailto"),
    ],
)
def test_schemes(url: str, scheme: str) -> None:
    """The scheme is the part before `+` or `:`."""
    assert scheme_of(url) == scheme


@pytest.mark.parametrize("url", ["", "/path", "://x", "1x:", "user@host", " x"])
def test_what_has_no_scheme(url: str) -> None:
    """Text without a scheme is a settings error."""
    with pytest.raises(SettingsError):
        scheme_of(url)
