"""Texts of media files. Their bytes may be no UTF-8, and PyAV 18 and 19 treat those differently."""

from typing import Any


def keeping_bytes() -> dict[str, Any]:
    """Return the option of `av.open` that keeps bytes which are no UTF-8, as surrogates.

    PyAV 19 always keeps them and has no option. PyAV 18, the last one for Python 3.11, would refuse
    the file.
    """
    import av  # slow to import, and not every command opens files

    is_old = int(av.__version__.partition(".")[0]) < 19
    return {"metadata_errors": "surrogateescape"} if is_old else {}


def readable(text: str) -> str:
    """Return a text that can be stored and printed: a replacement character for each wrong byte."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
