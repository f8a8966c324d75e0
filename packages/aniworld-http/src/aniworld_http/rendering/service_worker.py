"""The service worker, which shows a page of its own while the server cannot be reached."""

import json
from typing import Final

from aniworld_http.rendering.static_files import WEB

#: Path of the page that it shows.
OFFLINE_PATH: Final = "/offline"
#: Static files of that page.
_FILES: Final = (
    "css/tokens.css",
    "css/frame.css",
    "css/parts.css",
    "css/pages.css",
    "icons/icon.svg",
    "js/frame/offline.js",
)


def write_service_worker(base: str, version: str) -> str:
    """Return the script of the service worker.

    Args:
        base: Prefix behind a reverse proxy, empty or `/name`.
        version: Version of the static files; each has a worker of its own.
    """
    files = [f"{base}/static/{version}/{name}" for name in _FILES]
    values = {"BASE": base, "VERSION": version, "FILES": files}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
    return constants + (WEB / "service_worker.js").read_text("utf-8")
