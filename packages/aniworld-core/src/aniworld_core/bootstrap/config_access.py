"""Access to the configuration alone, without opening an application."""

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application import configuration
from aniworld_core.bootstrap.plugins import declared_settings
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.config import ConfigStore


def stored_configuration(settings: Settings) -> ConfigStore:
    """Return the store of `config.json` in the data folder."""
    return JsonConfigStore(
        settings.data_dir / "config.json",
        is_declared=lambda pointer: configuration.is_declared(pointer, declared_settings()),
        declared_problems=lambda document: configuration.problems_of_document(
            document, declared_settings()
        ),
    )


def config_editor(
    settings: Settings, *, store: ConfigStore | None = None, clock: Clock | None = None
) -> "configuration.ConfigEditor":
    """Return an editor of the stored configuration; it needs no closing.

    It works with a broken database, and with a configuration that an application would refuse.

    Args:
        settings: Settings with the data folder.
        store: Store to use instead.
        clock: Clock to use instead of the system clock.
    """
    from aniworld_core.adapters.library import folder_problem

    return configuration.ConfigEditor(
        store=store or stored_configuration(settings),
        clock=clock or SystemClock(),
        current=configuration.CurrentConfig(Config()),
        folder_problem=folder_problem,
        declared=declared_settings,
    )
