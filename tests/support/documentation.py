"""Code blocks of the documentation, and the commands in them."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).parents[2]
#: Every page whose code blocks are checked.
PAGES: Final = sorted(
    {
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("packages/*/README.md"),
        *ROOT.glob("deploy/*.md"),
        *ROOT.glob("examples/**/*.md"),
    }
)
#: Languages of blocks with commands of a shell; a block without a language counts as one, too.
SHELLS: Final = ("", "console", "sh")
_BLOCK: Final = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Ends of a command: what follows is another command, or no argument of this one.
_ENDS: Final = frozenset({"&&", "||", ";", "|", ">", ">>", "&"})
_VARIABLE: Final = re.compile(r"[A-Z_]+=.*")


@attrs.frozen
class Block:
    """A code block of a page."""

    page: str
    number: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Page and number of the block."""
        return f"{self.page}:{self.number}"


def blocks_of(page: Path) -> Sequence[Block]:
    """Return the code blocks of a page in their order."""
    return [
        Block(str(page.relative_to(ROOT)), number, language, text)
        for number, (language, text) in enumerate(_BLOCK.findall(page.read_text("utf-8")), start=1)
    ]


def aniworld_commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each `aniworld` command in a shell block; output is ignored."""
    for line in text.replace("\\\n", " ").splitlines():
        if "aniworld" not in line:
            continue
        try:
            words = shlex.split(line.removeprefix("$ "), comments=True)
        except ValueError:  # Output with an apostrophe.
            continue
        for command in _split(words):
            while command and (_VARIABLE.fullmatch(command[0]) or command[0] == "sudo"):
                command = command[1:]
            if command[:2] == ["uv", "run"]:
                command = command[2:]
            elif command[:2] == ["uvx", "--from"]:
                command = command[3:]
            if command[:1] == ["aniworld"]:
                yield command[1:]


def _split(words: Sequence[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if word in _ENDS:
            yield command
            command = []
        else:
            command.append(word)
    yield command
