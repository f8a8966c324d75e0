"""Sentences about arguments that do not fit, in the reader's language."""

from collections.abc import Sequence
from difflib import get_close_matches
from enum import Enum
from itertools import chain
from typing import Any, Final, get_args

from cyclopts import CycloptsError, UnknownCommandError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)
from cyclopts.validators import Number

from aniworld_cli.rendering.texts import tr

#: Most characters of an argument that are shown.
_MOST_SHOWN: Final = 80


def usage_text(error: CycloptsError) -> str:
    """Return what is wrong with the arguments, in one line."""
    match error:
        case UnknownCommandError(unused_tokens=[unknown, *_]):
            # The message of cyclopts would load every command only to list the names.
            return _unknown_command(unknown, [n for n in error.app or () if n[0] != "-"])
        case UnknownOptionError():
            return _unknown_option(error)
        case MissingArgumentError(argument=argument) if argument is not None:
            is_option = error.keyword is not None or argument.name.startswith("-")
            name = error.keyword or argument.name
            return tr("{name} needs a value" if is_option else "{name} is missing", name=name)
        case UnusedCliTokensError(unused_tokens=[unused, *_]):
            return tr("the argument {value} is one too many", value=_shown(unused))
        case RepeatArgumentError():
            return tr("{name} is given more than once", name=error.token.keyword or "")
        case CoercionError(token=token) if token is not None and error.msg is None:
            return _not_convertible(error, token.value)
        case CoercionError() if error.msg is not None:
            return f"{_name(error)}: {error.msg}"
        case ValidationError(argument=argument) if argument is not None:
            return _out_of_bounds(error)
        case _:
            return " ".join(str(error).split())


def usage_hint(error: CycloptsError) -> str:
    """Return which help describes the right arguments."""
    words = () if isinstance(error, UnknownCommandError) else error.command_chain or ()
    return tr("see {command}", command=" ".join(("aniworld", *words, "--help")))


def _unknown_command(unknown: str, names: Sequence[str]) -> str:
    close = get_close_matches(unknown, names, 1)
    name = _shown(unknown)
    if close:
        return tr("unknown command {name}; did you mean {close}?", name=name, close=close[0])
    return tr("unknown command {name}; commands: {names}", name=name, names=names)


def _unknown_option(error: UnknownOptionError) -> str:
    unknown = (error.token.keyword or error.token.value).partition("=")[0]
    known = chain.from_iterable(each.names for each in error.argument_collection if each.parse)
    close = get_close_matches(unknown, list(known), 1)
    text = "unknown option {name}[; did you mean {close}?]"
    return tr(text, name=_shown(unknown), close=close[0] if close else None)


def _not_convertible(error: CoercionError, value: str) -> str:
    name, kind = _name(error), error.target_type
    choices = _choices(kind)
    if choices:
        close = get_close_matches(value, choices, 1)
        text = "{value} is not possible for {name}; choose {choices}[; did you mean {close}?]"
        chosen = close[0] if close else None
        return tr(text, value=_shown(value), name=name, choices=", ".join(choices), close=chosen)
    if kind is int:
        return tr(
            "{value} is not a whole number, which {name} needs", value=_shown(value), name=name
        )
    return tr("{value} is not possible for {name}", value=_shown(value), name=name)


def _out_of_bounds(error: ValidationError) -> str:
    value, name = _shown(_given(error)), _name(error)
    validators: Any = error.argument.parameter.validator if error.argument else ()
    for each in validators if isinstance(validators, tuple) else (validators,):
        if isinstance(each, Number):
            least = each.gte if each.gt is None else each.gt + 1
            most = each.lte if each.lt is None else each.lt - 1
            if most is None:
                text = "{value} is not possible for {name}; use {least} or more"
                return tr(text, value=value, name=name, least=str(least))
            text = "{value} is not possible for {name}; use {least} to {most}"
            return tr(text, value=value, name=name, least=str(least), most=str(most))
    return tr("{value} is not possible for {name}", value=value, name=name)


def _name(error: CoercionError | ValidationError) -> str:
    """Return the option, or the name of a positional argument as the help shows it."""
    tokens = error.argument.tokens if error.argument else []
    keyword = next((token.keyword for token in tokens if token.keyword), None)
    return keyword or (error.argument.name.lstrip("-").upper() if error.argument else "")


def _given(error: ValidationError) -> str:
    tokens = error.argument.tokens if error.argument else []
    return tokens[0].value if tokens else ""


def _choices(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [name.lower().replace("_", "-") for name in kind.__members__]
    return [str(each) for each in get_args(kind) if isinstance(each, str)]


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")
