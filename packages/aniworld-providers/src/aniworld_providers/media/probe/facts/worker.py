"""The describing process: `python -m aniworld_providers.media.probe.facts.worker`.

It reads lines with a path, and writes a line with the facts, the picture or the error for each. It
ends when its input ends. A file that crashes libav ends only this process.
"""

import base64
import json
import signal
import sys
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.errors import BadMediaError, LibraryUnavailableError
from aniworld_core.messages import Message, message_to_wire

#: Bytes of memory that the process may use: a hostile file must not take all of it.
_MOST_MEMORY: Final = 2 << 30


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one line."""
    path = Path(order["path"])
    try:
        if order["wants"] in {"still", "jpeg"}:
            from aniworld_providers.media.probe.facts.still import jpeg_of, still_of

            still = (jpeg_of if order["wants"] == "jpeg" else still_of)(path)
            data = base64.b64encode(still.data).decode("ascii")
            return {"still": attrs.asdict(still) | {"data": data}}
        from aniworld_providers.media.probe.facts.reading import describe_file

        facts = describe_file(path, with_sound=order["with_sound"])
    except BadMediaError as error:
        return {"media": message_to_wire(error.reason)}
    except LibraryUnavailableError as error:
        return {"unreadable": message_to_wire(error.reason)}
    except Exception as error:
        return {"unreadable": Message("unexpected", error=repr(error)).to_wire()}
    return {"facts": attrs.asdict(facts)}


def main() -> None:
    """Answer the lines of the input."""
    import resource

    # Only the parent ends this process, even if a terminal signals the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
