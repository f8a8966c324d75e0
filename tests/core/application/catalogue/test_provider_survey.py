"""Installed providers and the result of their last request."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.catalogue import InstalledProvider
from aniworld_core.errors import AniworldError, NeedsPersonError, ProviderChangedError
from aniworld_core.messages import Message
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


async def _after(stage: Stage, error: AniworldError | None) -> InstalledProvider:
    """Search, then return the survey entry of the catalogue without another request."""
    stage.loader.error = error
    if error is None:
        await stage.app.catalogue.search("x")
    else:
        with pytest.raises(type(error)):
            await stage.app.catalogue.search("x")
    asked = len(stage.loader.calls)
    found = await stage.app.providers.survey()
    assert len(stage.loader.calls) == asked
    return next(p for p in found if p.kind == "catalogue" and p.name == "fake")


async def test_how_a_catalogue_answered_last_is_told(tmp_path: Path) -> None:
    """A bot check shows its page, a changed page its missing part, a success neither."""
    async with open_stage(tmp_path) as stage:
        blocked = await _after(stage, NeedsPersonError("fake", "https://fake.invalid/check"))
        changed = await _after(stage, ProviderChangedError("fake", "the list of seasons"))
        well = await _after(stage, None)

    assert (blocked.status, blocked.link) == ("needs_person", "https://fake.invalid/check")
    assert changed.status == "provider_changed"
    assert "the list of seasons" in changed.detail
    assert (well.status, well.link) == ("ok", None)


@attrs.frozen
class _Offered:
    """Adapters that are installed, and why some cannot be loaded."""

    names: Mapping[str, Sequence[str]]
    problems: Mapping[str, str]

    def distributions(self, kind: str) -> Mapping[str, str]:
        """Return the distribution of each adapter of a kind."""
        return dict.fromkeys(self.names.get(kind, ()), "dist")

    def problem(self, kind: str, name: str) -> str | None:
        """Return why an adapter cannot be loaded."""
        return self.problems.get(f"{kind} {name}")


async def test_installed_adapters_that_are_not_open_are_disabled_or_broken(
    tmp_path: Path,
) -> None:
    """A catalogue without a fault is switched off; everything else has a reason."""
    offered = _Offered(
        {
            "catalogue": ["fake", "off", "bad"],
            "resolver": ["fake", "idle", "bad"],
            "fetcher": ["fake"],
        },
        {"catalogue bad": "no module", "resolver bad": "too old"},
    )
    async with open_stage(tmp_path) as stage:
        stage.app.providers._installed = offered
        found = await stage.app.providers.survey()
    assert [(each.kind, each.name, each.status, each.enabled) for each in found] == [
        ("catalogue", "fake", "ok", True),
        ("catalogue", "off", "disabled", False),
        ("catalogue", "bad", "broken", True),
        ("resolver", "fake", "ok", True),
        ("resolver", "idle", "broken", True),
        ("resolver", "bad", "broken", True),
        ("fetcher", "fake", "ok", True),
    ]
    details = {(each.kind, each.name): each.detail for each in found}
    assert details["catalogue", "bad"] == "no module"
    assert details["resolver", "bad"] == "too old"
    assert details["resolver", "idle"] == Message("could_not_be_opened")
    assert details["fetcher", "fake"] == Message("from_distribution", distribution="dist")
    assert all(each.hint for each in found if each.status != "ok")
