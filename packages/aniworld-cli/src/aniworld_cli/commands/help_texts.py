"""Examples and default values, shown by `--help` and in the manual page."""

from enum import Enum
from pathlib import Path
from typing import Final

from aniworld_cli.rendering.texts import ENGLISH, GERMAN, language

#: Words of a command -> what follows `aniworld` in its example.
EXAMPLES: Final = {
    "search": "search attack on titan",
    "browse": "browse new",
    "add": "add attack-on-titan",
    "preview": "preview https://www.youtube.com/@channel --newest 10",
    "list": "list --missing",
    "show": "show attack-on-titan",
    "scan": "scan --disk-only",
    "files": "files --series attack-on-titan",
    "deleted": "deleted attack-on-titan --not-wanted",
    "adopt": "adopt 'Attack on Titan (2013)' --as attack-on-titan",
    "wanted": "wanted attack-on-titan S00 --not",
    "set": "set attack-on-titan --languages ger-dub,ger-sub --monitored yes",
    "remove": "remove attack-on-titan --files",
    "identify": "identify attack-on-titan --as anilist:16498",
    "delete": "delete 'Attack on Titan/S01E02.mkv' --not-wanted",
    "calendar": "calendar --from 2026-12-01 --to 2026-12-31 --tz Europe/Berlin",
    "pin": "pin 'Attack on Titan/odd name.mkv' S01E02",
    "inspect": "inspect attack-on-titan",
    "download": "download attack-on-titan S01E03-E08 --language ger-dub,ger-sub",
    "fetch": "fetch https://example.org/a.m3u8 -o film.mp4 --limit-rate 2M",
    "parse": "parse 'Attack on Titan S01E02 1080p.mkv'",
    "rename": "rename attack-on-titan --plan",
    "import": "import ~/Downloads --plan",
    "upgrades": "upgrades attack-on-titan",
    "sidecars": "sidecars attack-on-titan --apply",
    "history": "history --search titan --limit 20",
    "undo": "undo 12",
    "statistics": "statistics --weeks 4",
    "serve": "serve --host 127.0.0.1 --port 8000",
    "worker": "worker --slots 3",
    "scheduler": "scheduler",
    "stop": "stop",
    "open": "open attack-on-titan S01E02",
    "password": "password",
    "import-legacy": "import-legacy --database aniworld.db",
    "migrate-storage": (
        "migrate-storage sqlite:///data/aniworld.db postgresql://user:password@host/aniworld"
    ),
    "providers": "providers --scores",
    "providers replay": "providers replay failure.capsule",
    "doctor": "doctor",
    "demo": "demo --once --dir aniworld-demo",
    "queue list": "queue list --status failed",
    "queue add": "queue add attack-on-titan S01E03-E08 --priority high",
    "queue remove": "queue remove 3f2a9c1d",
    "queue move": "queue move --series attack-on-titan",
    "queue retry": "queue retry --series attack-on-titan",
    "queue try-again": "queue try-again aniworld",
    "queue clear": "queue clear completed",
    "queue run": "queue run",
    "queue pause": "queue pause",
    "queue resume": "queue resume",
    "queue stop": "queue stop",
    "queue start": "queue start",
    "bulk download": "bulk download --filter missing --monitored-only --dry-run",
    "bulk set": "bulk set --filter all --languages ger-dub,ger-sub",
    "bulk remove": "bulk remove attack-on-titan one-piece --files",
    "bulk list": "bulk list --limit 5",
    "bulk cancel": "bulk cancel 7",
    "bulk undo": "bulk undo 7",
    "bulk resume": "bulk resume",
    "config show": "config show",
    "config get": "config get downloads.limit_rate",
    "config set": "config set downloads.limit_rate 2M downloads.concurrent 3",
    "config validate": "config validate config.json",
    "config test": "config test notifications",
    "config backup": "config backup",
    "config backups": "config backups",
    "config restore": "config restore config-2026-12-01.json",
    "tasks list": "tasks list",
    "tasks run": "tasks run rescan",
    "opml import": "opml import feeds.opml",
    "opml export": "opml export feeds.opml",
    "users list": "users list",
    "users add": "users add anna --role request",
    "users remove": "users remove anna",
    "users set-role": "users set-role anna manage",
    "users set-password": "users set-password anna",
    "calendar-feed create": "calendar-feed create phone",
    "calendar-feed list": "calendar-feed list",
    "calendar-feed revoke": "calendar-feed revoke 3f2a9c1d",
}

#: Not in a locale file: the examples of all commands are registered at every start.
_EXAMPLE: Final = {ENGLISH: "Example", GERMAN: "Beispiel"}


def example_text(command: str) -> str:
    """Return the last line of the help of a command, in the reader's language."""
    return f"{_EXAMPLE[language()]}: aniworld {EXAMPLES[command]}"


def default_text(value: object) -> str | None:
    """Return how a default value is shown; `None` for options that are off or empty."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "yes" if value else None
    if isinstance(value, (int, float)):
        return f"{value:g}"
    # Groups of options are values as well; each of them has a default of its own.
    return str(value) if isinstance(value, (str, Path)) and str(value) else None
