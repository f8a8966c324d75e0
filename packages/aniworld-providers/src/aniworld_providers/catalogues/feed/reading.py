"""Read feeds in a separate process that can be killed.

feedparser has regular expressions that one long line can keep busy for minutes while they hold the
interpreter lock. A thread would block the program; a process is killed, and its memory is freed.
"""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import anyio

from aniworld_core.errors import (
    UnusableAnswerError,
)
from aniworld_core.messages import Message, message_from_wire, message_to_wire
from aniworld_providers.catalogues.feed.feed import (
    Feed,
    NotAFeedError,
    feed_from_json,
    feed_to_json,
)

NAME: Final = "feed"
#: Seconds for one feed; the largest real ones take a few.
READ_SECONDS: Final = 30.0
_MEMORY: Final = 1024**3
_HTML: Final = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)?+"
    r"<(?:!doctype\s++html|html|head|body)\b",
    re.IGNORECASE,
)

#: Reads a text with the link it came from.
FeedReader: TypeAlias = Callable[[str, str], Awaitable[Feed]]


def read_feed(text: str, base: str) -> Feed:
    """Read a feed of any format in this process.

    Args:
        text: The feed.
        base: Its link, for relative links.

    Raises:
        NotAFeedError: If it is no feed.
    """
    from aniworld_providers.catalogues.feed.json_feed import read_json_feed
    from aniworld_providers.catalogues.feed.xml_feed import read_xml_feed

    if _HTML.match(text):
        raise NotAFeedError(Message("feed_html_page"))
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if not start:
        raise NotAFeedError(Message("feed_empty"))
    if start in "{[":
        return read_json_feed(text, base)
    if "<" not in text:
        raise NotAFeedError(Message("feed_no_xml"))
    return read_xml_feed(text, base)


async def read_in_process(text: str, base: str) -> Feed:
    """Read a feed of any format in a process; kill it on cancellation or after a time limit.

    Raises:
        NotAFeedError: If it is no feed.
        UnusableAnswerError: If it takes too long, or the process ended without an answer.
    """
    task = json.dumps({"text": text, "base": base}).encode()
    try:
        with anyio.fail_after(READ_SECONDS):
            done = await anyio.run_process(
                # Without -P a file in the current folder could replace one of the modules.
                [sys.executable, "-P", "-m", __name__],
                input=task,
                stderr=subprocess.DEVNULL,
                check=False,
                start_new_session=True,  # Ctrl-C must not reach it
            )
    except TimeoutError as error:
        what = Message("answer_slow", limit_seconds=READ_SECONDS)
        raise UnusableAnswerError(NAME, what) from error
    if done.returncode or not done.stdout:
        raise UnusableAnswerError(NAME, Message("answer_ended_reader"))
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise NotAFeedError(message_from_wire(answer["refused"]))
    return feed_from_json(answer["feed"])


def main() -> None:
    """Read the feed on standard input and write the result."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(READ_SECONDS), int(READ_SECONDS)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task = json.loads(sys.stdin.buffer.read())
    answer: dict[str, Any]
    try:
        answer = {"feed": feed_to_json(read_feed(task["text"], task["base"]))}
    except NotAFeedError as error:
        answer = {"refused": message_to_wire(error.reason)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
