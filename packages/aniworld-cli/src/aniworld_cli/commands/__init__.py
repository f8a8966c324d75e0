"""The commands, each in a module that is loaded when its command is asked for."""

from typing import Final

from cyclopts import App

#: Name -> where it is, and what it does in one line.
_COMMANDS: Final = {
    "search": ("search:search", "Search the catalogues."),
    "browse": ("browse:browse", "Look at popular series, new episodes or the calendar."),
    "add": ("add:add", "Add a series to the library."),
    "list": ("list:list_series", "List the series of the library."),
    "show": ("show:show", "Show one series with its episodes."),
    "scan": ("scan:scan", "Compare the library folder with the catalogues."),
    "download": ("download:download", "Queue episodes and download them now."),
    "fetch": ("fetch:fetch", "Fetch links through the download engine, without a library."),
    "parse": ("parse:parse", "Explain how file names are read."),
    "serve": ("serve:serve", "Run the server with its web pages."),
    "stop": ("stop:stop", "Stop the running server."),
    "password": ("password:password", "Set or reset the master password of the server."),
    "import-legacy": (
        "import_legacy:import_legacy",
        "Take over `data` files or a database of the former program.",
    ),
    "providers": ("providers:app", "Tell what is installed and whether it answers."),
    "doctor": ("doctor:doctor", "Check that everything works, and say what to do."),
    "demo": ("demo:demo", "Try everything on an embedded catalogue, without the internet."),
}
_QUEUE: Final = {
    "list": ("queue:list_items", "List the items of the queue."),
    "add": ("queue:add", "Queue episodes without downloading them now."),
    "remove": ("queue:remove", "Take items out of the queue."),
    "move": ("queue:move", "Put pending items first, in the order given."),
    "retry": ("queue:retry", "Put failed items back in the queue."),
    "clear": ("queue:clear", "Take all items of a status out of the queue."),
    "run": ("queue:run", "Download what is in the queue."),
    "pause": ("queue:pause", "Pause the queue of the server."),
    "resume": ("queue:resume", "Resume the queue of the server."),
    "stop": ("queue:stop", "Stop the queue of the server."),
    "start": ("queue:start", "Start the queue of the server again."),
}
_CONFIG: Final = {
    "show": ("config:show", "Show the configuration, without its secrets."),
    "get": ("config:get", "Show one setting."),
    "set": ("config:set_value", "Change one setting."),
    "validate": ("config:validate", "Check the configuration, or a file to become it."),
    "backup": ("config:backup", "Keep a copy of the configuration."),
    "backups": ("config:backups", "List the kept copies, newest first."),
    "restore": ("config:restore", "Make a kept copy the configuration."),
}


def register(app: App) -> None:
    """Make the commands known to the command line without loading them."""
    _register_all(app, _COMMANDS)
    for name, commands, text in (
        ("queue", _QUEUE, "The download queue, shared with a running server."),
        ("config", _CONFIG, "The configuration."),
    ):
        group = App(name=name, help=text)
        _register_all(group, commands)
        app.command(group)


def _register_all(app: App, commands: dict[str, tuple[str, str]]) -> None:
    for name, (place, text) in commands.items():
        app.command(f"aniworld_cli.commands.{place}", name=name, help=text)
