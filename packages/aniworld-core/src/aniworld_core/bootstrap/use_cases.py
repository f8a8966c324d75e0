"""The use cases of one open application."""

from aniworld_core.bootstrap.wiring.automation import AutomationUseCases


class Application(AutomationUseCases):
    """The use cases of one library, and the ports that a front end may need.

    Each is built when it is first used and then kept.
    """

    def __repr__(self) -> str:
        """Return the data folder only, because the configuration contains secrets."""
        return f"<Application {str(self.settings.data_dir)!r}>"
