"""Settings that a loader declares itself."""

import attrs
import pytest

from aniworld_core.application.configuration import (
    ConfigEditor,
    CurrentConfig,
    config_from_document,
    own_settings,
)
from aniworld_core.domain.configuration import Config, Setting, setting
from aniworld_core.errors import InvalidConfigError, SettingNotFoundError
from aniworld_core.testing.fakes import FakeClock, MemoryConfigStore

pytestmark = pytest.mark.anyio


@attrs.frozen(kw_only=True)
class Own:
    """Settings class of a loader."""

    pages: int = attrs.field(default=3, validator=attrs.validators.in_(range(10)))
    tags: tuple[str, ...] = ()
    strict: bool = False


def _document(**values: object) -> dict[str, object]:
    return {"providers": {"mine": {"enabled": True, **values}}}


def _editor() -> ConfigEditor:
    return ConfigEditor(
        store=MemoryConfigStore(Config()),
        clock=FakeClock(),
        current=CurrentConfig(Config()),
        declared=lambda: {"mine": Own},
    )


async def test_they_are_typed() -> None:
    """The loader gets an instance of its class with defaults."""
    config = config_from_document(_document(pages=7, tags=["a"]))
    assert own_settings(config, "mine", Own) == Own(pages=7, tags=("a",))
    assert own_settings(config, "other", Own) == Own()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"pages": "7"}, "/providers/mine/pages"),
        ({"strict": 1}, "/providers/mine/strict"),
        ({"tags": [1]}, "/providers/mine/tags/0"),
        ({"pages": 70}, "/providers/mine"),
    ],
)
async def test_wrong_values_are_named(values: dict[str, object], pointer: str) -> None:
    """Invalid values are reported by validation, by storing, and by the loader."""
    editor = _editor()
    check = await editor.check(_document(**values))
    assert [pointer] == [where for where, _ in check.errors]
    with pytest.raises(InvalidConfigError, match="mine"):
        await editor.replace(_document(**values))
    with pytest.raises(InvalidConfigError):
        own_settings(config_from_document(_document(**values)), "mine", Own)


@attrs.frozen(kw_only=True)
class Guarded:
    """A secret with an inconspicuous name, and a choice with bounds."""

    pin: str = setting("", Setting(is_secret=True))
    pages: int = setting(3, Setting(bounds=(1, 9)))


async def test_what_a_loader_describes_counts_as_for_every_setting() -> None:
    """Secrets are hidden, ranges are checked, and single settings can be read and set."""
    editor = ConfigEditor(
        store=MemoryConfigStore(Config()),
        clock=FakeClock(),
        current=CurrentConfig(Config()),
        declared=lambda: {"mine": Guarded},
    )
    await editor.set({"providers.mine.pin": "1234", "providers.mine.pages": "9"})
    shown = editor.shown(await editor.read())

    assert "1234" not in str(shown)
    assert editor.shown_setting(await editor.read(), "providers.mine.pages") == 9
    await editor.replace(shown)
    assert own_settings(await editor.read(), "mine", Guarded).pin == "1234"
    with pytest.raises(InvalidConfigError, match="/providers/mine/pages: must be 1 to 9"):
        await editor.set({"providers.mine.pages": "10"})


async def test_declared_settings_are_known() -> None:
    """Only settings that the class does not have cause a warning; both are kept."""
    editor = _editor()
    check = await editor.check(_document(pages=2, pagse=2))
    assert [where for where, _ in check.warnings] == ["/providers/mine/pagse"]

    stored = await editor.replace(_document(pages=2))

    assert own_settings(stored, "mine", Own) == Own(pages=2)


async def test_a_declared_setting_is_shown_with_its_default() -> None:
    """Also if the document does not mention it; a name that nobody declares is an error."""
    editor = _editor()
    config = await editor.replace(_document())

    assert editor.shown_setting(config, "providers.mine.pages") == 3
    with pytest.raises(SettingNotFoundError):
        editor.shown_setting(config, "providers.mine.pagse")
