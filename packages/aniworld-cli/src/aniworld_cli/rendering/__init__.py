"""How the command speaks: data to stdout, talk and progress to stderr, nothing harmful."""

from aniworld_cli.rendering.display import open_display
from aniworld_cli.rendering.figures import bytes_text, seasons_text, seconds_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.plain import plain, to_json
from aniworld_cli.rendering.progress import DownloadDisplay, Label

__all__ = [
    "DownloadDisplay",
    "Label",
    "Output",
    "bytes_text",
    "open_display",
    "plain",
    "seasons_text",
    "seconds_text",
    "to_json",
]
