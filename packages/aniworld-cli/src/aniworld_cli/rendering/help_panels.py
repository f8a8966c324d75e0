"""The help of commands in the reader's language.

The English texts are the summaries and docstrings of the commands; `locale/help_de.json` has the
German ones, which are loaded only when help is shown.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions


@attrs.frozen
class GermanHelp:
    """Help formatter of cyclopts with German texts.

    Attributes:
        show_metavar: Whether the kind of a value is shown; read by cyclopts.
    """

    show_metavar: bool = True

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print a panel of commands or options."""
        from cyclopts.help.formatters import DefaultFormatter

        title = german(str(panel.title))
        shown = panel.copy(title=title, entries=[_entry(entry) for entry in panel.entries])
        DefaultFormatter()(console, options, shown)

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: object) -> None:
        """Print the first line."""
        words = " ".join(german(word) for word in str(usage).split())
        console.print(f"{german('Usage:')} {words}\n", markup=False, style="bold")

    def render_description(self, console: "Console", options: "ConsoleOptions", text: Any) -> None:
        """Print what the command does."""
        console.print(_translated(text))
        console.print()


def german(english: str) -> str:
    """Return the German text of a help text."""
    return _texts().get(english, english)


def _entry(entry: "HelpEntry") -> "HelpEntry":
    """Return the entry of a command or an option; cyclopts adds English notes, so they go first."""
    notes = {
        "choices": ", ".join(entry.choices or ()),
        "default": entry.default or "",
    }
    marks = [f"[{german(name)}: {value}]" for name, value in notes.items() if value]
    if entry.required:
        marks.append(f"[{german('required')}]")
    return entry.copy(
        description=_translated(entry.description, *marks),
        metavar=None if entry.metavar is None else german(entry.metavar),
        positional_label=entry.positional_label and german(entry.positional_label),
        choices=None,
        default=None,
        required=False,
    )


def _translated(description: Any, *marks: str) -> Any:
    """Return a description in German, followed by its marks.

    Args:
        description: Text of cyclopts, which keeps Markdown or plain text inside.
        marks: Notes in brackets.
    """
    from cyclopts.help import InlineText
    from rich.text import Text

    source = getattr(description, "primary_renderable", description)
    english = getattr(source, "markup", None) or str(source or "")
    text = InlineText.from_format(german(" ".join(english.split())), format="markdown")
    for mark in marks:
        text.append(Text(mark, style="dim"))
    return text


@cache
def _texts() -> Mapping[str, str]:
    path = Path(__file__).parent / "locale" / "help_de.json"
    texts: Mapping[str, str] = json.loads(path.read_bytes())
    return texts
