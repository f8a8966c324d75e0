"""The commands. Each module is loaded only when its command is used."""

from typing import Final

from cyclopts import App

from aniworld_cli.commands.help_texts import example_text

#: Name -> import path and one-line summary.
_COMMANDS: Final = {
    "search": ("catalogue.search:search", "Search the catalogues."),
    "browse": ("catalogue.browse:browse", "List popular series, new episodes or the calendar."),
    "add": ("downloads.add:add", "Add a series to the library."),
    "preview": (
        "downloads.list_rules:preview",
        "Show which entries of a channel, playlist or feed would be episodes.",
    ),
    "list": ("library.list:list_series", "List the series of the library."),
    "show": ("catalogue.show:show", "Show one series with its episodes."),
    "scan": ("library.scan:scan", "Compare the library folder with the catalogues."),
    "files": ("library.files:files", "List the files of the library by state."),
    "deleted": (
        "library.deleted:deleted",
        "List episodes whose files were deleted, and choose what happens to them.",
    ),
    "adopt": ("library.adopt:adopt", "Assign folders without a series to a series."),
    "wanted": (
        "library.wanted:wanted",
        "Mark episodes as wanted (monitored), or as not wanted.",
    ),
    "set": ("library.set:set_series", "Change the settings of one series."),
    "remove": ("library.remove:remove", "Remove a series from the library."),
    "identify": (
        "catalogue.identify:identify",
        "Find series at AniList, TVmaze and in NFO files: ids, aliases, air dates.",
    ),
    "delete": ("library.files:delete", "Move a file of the library to the recycle bin."),
    "calendar": (
        "automation.calendar:calendar",
        "Show air dates, downloaded episodes and expected versions.",
    ),
    "pin": ("library.pin:pin", "Assign a file to an episode by hand."),
    "inspect": ("library.inspect:inspect", "Read the content of files and list suspect ones."),
    "download": ("downloads.download:download", "Queue episodes and download them now."),
    "fetch": (
        "downloads.fetch.command:fetch",
        "Download links directly, without a library.",
    ),
    "parse": ("library.parse:parse", "Explain how file names are read."),
    "rename": ("library.changes.rename:rename", "Rename files after the naming templates."),
    "import": ("library.changes.importing:import_folder", "Import the files of other programs."),
    "upgrades": ("downloads.upgrades:upgrades", "List episodes that wait for a better file."),
    "sidecars": (
        "library.changes.sidecars:sidecars",
        "Write NFO files and pictures for media servers.",
    ),
    "history": (
        "library.changes.history:history",
        "List past actions, and who started them.",
    ),
    "undo": ("library.changes.undo:undo", "Undo a change of library files."),
    "statistics": (
        "automation.statistics:statistics",
        "Show library size, downloads per week, languages, hosters and disk forecast.",
    ),
    "serve": ("server.serve:serve", "Run the server with its web pages."),
    "worker": (
        "server.roles:worker",
        "Download for a server on this or another machine, without pages.",
    ),
    "scheduler": (
        "server.roles:scheduler",
        "Scan, delete and notify by schedule, without pages.",
    ),
    "stop": ("server.stop:stop", "Stop the running server."),
    "open": ("server.open:open_pages", "Open the pages of the running server in the browser."),
    "password": (
        "access.password:password",
        "Set or reset the master password of the server.",
    ),
    "import-legacy": (
        "library.import_legacy:import_legacy",
        "Import `data` files or a database of the former program.",
    ),
    "migrate-storage": (
        "configuration.migrate_storage:migrate_storage",
        "Copy the database to another one, such as from SQLite to PostgreSQL.",
    ),
    "providers": (
        "catalogue.providers.command:app",
        "List installed providers and test whether they answer.",
    ),
    "doctor": (
        "configuration.doctor:doctor",
        "Check the installation and show how to fix problems.",
    ),
    "demo": (
        "demo.command:demo",
        "Try everything with an embedded catalogue, without the internet.",
    ),
}
_QUEUE: Final = {
    "list": ("downloads.queue:list_items", "List the items of the queue."),
    "add": ("downloads.queue:add", "Queue episodes without downloading them now."),
    "remove": ("downloads.queue:remove", "Remove items from the queue."),
    "move": ("downloads.queue:move", "Move pending items to the front, in this order."),
    "retry": ("downloads.queue:retry", "Put failed items back in the queue."),
    "try-again": (
        "downloads.queue:try_again",
        "Query a paused catalogue again at once.",
    ),
    "clear": ("downloads.queue:clear", "Remove all items of a status."),
    "run": ("downloads.queue:run", "Download the pending items of the queue."),
    "pause": ("downloads.queue:pause", "Pause the queue of the server."),
    "resume": ("downloads.queue:resume", "Resume the queue of the server."),
    "stop": ("downloads.queue:stop", "Stop the queue of the server."),
    "start": ("downloads.queue:start", "Start the queue of the server again."),
}
_BULK: Final = {
    "download": ("downloads.bulk:download", "Queue the missing episodes of many series."),
    "set": ("downloads.bulk:change", "Change the settings of many series."),
    "remove": ("downloads.bulk:remove", "Remove many series from the library."),
    "list": ("downloads.bulk:list_jobs", "List the newest jobs, also those of the pages."),
    "cancel": ("downloads.bulk:cancel", "Cancel a job."),
    "undo": ("downloads.bulk:undo", "Undo a finished job."),
    "resume": ("downloads.bulk:resume", "Continue interrupted jobs."),
}
_CONFIG: Final = {
    "show": ("configuration.config:show", "Show the configuration, without its secrets."),
    "get": ("configuration.config:get", "Show one setting."),
    "set": ("configuration.config:set_value", "Change one or more settings."),
    "validate": (
        "configuration.config:validate",
        "Check the configuration, or a file before it becomes the configuration.",
    ),
    "test": (
        "configuration.config:try_settings",
        "Test the settings of media servers, notification services and catalogues.",
    ),
    "backup": ("configuration.config:backup", "Back up the configuration."),
    "backups": ("configuration.config:backups", "List the backups, newest first."),
    "restore": ("configuration.config:restore", "Restore a backup of the configuration."),
}
_TASKS: Final = {
    "list": ("automation.tasks:list_tasks", "List the background tasks with their runs."),
    "run": ("automation.tasks:run", "Run a periodic task now."),
}
_OPML: Final = {
    "import": ("catalogue.opml:import_feeds", "Add the feeds of an OPML file."),
    "export": ("catalogue.opml:export_feeds", "Write the feeds of the library as OPML."),
}
_FEED: Final = {
    "create": ("automation.feed:create", "Create a token and print it once."),
    "list": ("automation.feed:list_feeds", "List the tokens without their secrets."),
    "revoke": ("automation.feed:revoke", "Revoke a token by its id."),
}

_USERS: Final = {
    "list": ("access.users:list_users", "List the accounts of further users."),
    "add": ("access.users:add", "Create an account; its password is asked for."),
    "remove": ("access.users:remove", "Remove an account with its sessions and API keys."),
    "set-role": ("access.users:set_role", "Change the role of an account."),
    "set-password": ("access.users:set_password", "Set the password of an account."),
}


def register(app: App) -> None:
    """Register all commands without importing their modules."""
    _register_all(app, _COMMANDS)
    for name, commands, text in (
        ("queue", _QUEUE, "Show and change the download queue, also of a running server."),
        ("bulk", _BULK, "Download, change or remove many series in one job that can be undone."),
        ("config", _CONFIG, "Show and change the configuration."),
        ("tasks", _TASKS, "List and run background tasks: scans, copies, limits, checks."),
        ("opml", _OPML, "Exchange lists of feeds with feed readers and podcast programs."),
        ("users", _USERS, "Manage the accounts of further users and their roles."),
        (
            "calendar-feed",
            _FEED,
            "Manage the tokens of calendar programs.",
        ),
    ):
        group = App(name=name, help=text)
        _register_all(group, commands, (name,))
        app.command(group)


def _register_all(
    app: App, commands: dict[str, tuple[str, str]], path: tuple[str, ...] = ()
) -> None:
    for name, (place, text) in commands.items():
        target = f"aniworld_cli.commands.{place}"
        if place.endswith(":app"):
            app.command(target, name=name, help=text)  # has commands and an example of its own
        else:
            example = example_text(" ".join((*path, name)))
            app.command(target, name=name, help=text, help_epilogue=example)
