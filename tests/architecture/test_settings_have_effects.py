"""Every setting of the configuration is used by the program."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import attrs
import pytest

from aniworld_core.domain.configuration import Config, is_setting

_SOURCES = Path(__file__).parents[2] / "packages"
#: Modules that declare, check, read and write settings.
_OF_CONFIG = re.compile(
    r"(domain|application)/configuration/(?!database_copies)\w+\.py|"
    r"schemas/config\.py|_migrate\.py"
)
#: Settings that are not read as an attribute of their section.
_ELSEWHERE = {
    "/name": ("aniworld_http/rendering/templates.py", "current_config.value.name"),
    "/data_dir": ("aniworld_core/bootstrap/settings.py", 'get("data_dir")'),
    "/downloads/retry_delay_seconds": ("downloads/work/settlement.py", "retry_policy"),
    "/downloads/retries": ("downloads/work/settlement.py", "retry_policy"),
    "/languages/upgrade": ("automation/rescan_schedule.py", "languages.upgrade"),
    "/logging/keep": ("bootstrap/logging/file.py", "logging.keep"),
    "/naming/preset": ("domain/library/naming.py", "naming.templates"),
    "/backup/keep": ("adapters/json_config_store.py", "backup.keep"),
    "/providers/servers": ("network/pages/servers.py", ".all_servers"),
    "/providers/base_url": ("network/pages/servers.py", ".all_servers"),
}


def _settings(section: type, pointer: str = "") -> Iterator[tuple[str, str]]:
    for field in filter(is_setting, attrs.fields(section)):
        name, kind = field.name, field.type
        inner = [k for k in (kind, *get_args(kind)) if isinstance(k, type) and attrs.has(k)]
        if inner and inner[0].__name__.endswith("Config"):
            yield f"{pointer}/{name}", name
            yield from _settings(inner[0], f"{pointer}/{name}")
        else:
            yield f"{pointer}/{name}", name


_TEXTS = {
    path.relative_to(_SOURCES).as_posix(): path.read_text("utf-8")
    for path in _SOURCES.glob("*/src/**/*.py")
}


@pytest.mark.parametrize(("pointer", "name"), [*_settings(Config)])
def test_every_setting_is_read_outside_the_configuration(pointer: str, name: str) -> None:
    """Every setting is read outside the configuration modules."""
    if pointer in _ELSEWHERE:
        file, reading = _ELSEWHERE[pointer]
        readers = [path for path in _TEXTS if path.endswith(file) and reading in _TEXTS[path]]
    else:
        readers = [
            path
            for path, text in _TEXTS.items()
            if not _OF_CONFIG.search(path) and re.search(rf"\.{name}\b", text)
        ]
    assert readers, f"{pointer} has no effect"
