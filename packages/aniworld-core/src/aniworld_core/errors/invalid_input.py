"""Errors of the input: the caller fixes it; the same input never succeeds."""

from collections.abc import Sequence

from aniworld_core.errors.base import AniworldError, shown_link
from aniworld_core.messages import Message, clipped


class InvalidInputError(AniworldError):
    """The input breaks a rule; the same input never succeeds."""


class InvalidKeyError(InvalidInputError):
    """The text is not a series key."""

    template = "{raw!r} is not a series key: {rule}"
    hint: str | None = Message("invalid_key.hint")

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidEpisodeError(InvalidInputError):
    """The text names neither an episode nor a range of episodes."""

    template = "{raw!r} is not an episode: {rule}"
    hint: str | None = Message("invalid_episode.hint")

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidLinkError(InvalidInputError):
    """The text is not a link, or no catalogue takes the link."""

    template = "cannot use the link {link!r}: {reason}"

    def __init__(self, link: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(link=clipped(shown_link(link)), reason=reason)
        self.link = link
        self.reason = reason
        self.hint: str | None = hint


class InvalidOpmlError(InvalidInputError):
    """The text is no OPML document with feeds."""

    template = "the OPML cannot be read: {reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class InvalidLanguageError(InvalidInputError):
    """The text names no language."""

    template = "{raw!r} is not a language"
    hint: str | None = Message("invalid_language.hint")

    def __init__(self, raw: str) -> None:
        super().__init__(raw=clipped(raw))
        self.raw = raw


class InvalidQualityError(InvalidInputError):
    """The text names no quality."""

    template = "{raw!r} is not a quality"
    hint: str | None = Message("invalid_quality.hint")

    def __init__(self, raw: str) -> None:
        super().__init__(raw=clipped(raw))
        self.raw = raw


class InvalidNameError(InvalidInputError):
    """The text cannot name a series, a backup or the like."""

    template = "{raw!r} is not a usable name: {rule}"

    def __init__(self, raw: str, rule: str) -> None:
        super().__init__(raw=clipped(raw), rule=rule)
        self.raw = raw
        self.rule = rule


class InvalidTemplateError(InvalidInputError):
    """A naming template cannot name every episode."""

    template = "the naming template {pattern!r} cannot be used: {reason}"

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(pattern=clipped(pattern), reason=reason)
        self.pattern = pattern
        self.reason = reason


class InvalidFieldsError(InvalidInputError):
    """A document has wrong fields; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation.
    """

    template = "the fields are not valid: {problems:; }"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems=_listed(problems))
        self.problems: tuple[tuple[str, str], ...] = tuple(problems)


class InvalidConfigError(InvalidInputError):
    """The configuration has mistakes; all of them are listed.

    Attributes:
        problems: Pairs of JSON pointer and explanation, in document order.
    """

    template = "the configuration is not valid: {problems:; }"
    hint: str | None = Message("invalid_config.hint")

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems=_listed(problems))
        self.problems: tuple[tuple[str, str], ...] = tuple(problems)


class WeakPasswordError(InvalidInputError):
    """The password breaks the policy; every broken rule is listed."""

    template = "the password is too weak, it needs: {violations:; }"

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__(violations=list(violations))
        self.violations: tuple[str, ...] = tuple(violations)


class LegacyDataError(InvalidInputError):
    """A file of the former program cannot be imported; it is not changed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnsafePathError(InvalidInputError):
    """The path would leave the folder it must stay in."""

    template = "cannot use the path {path!r}: {reason}"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path=clipped(path), reason=reason)
        self.path = path
        self.reason = reason


class UnknownProviderError(InvalidInputError):
    """No catalogue of this name is installed and enabled."""

    template = "there is no enabled catalogue named {name!r}"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name=clipped(name))
        self.name = name
        names = ", ".join(known)
        self.hint: str | None = (
            Message("unknown_provider.hint", names=names) if names else Message("no_provider.hint")
        )


class NoListError(InvalidInputError):
    """Filters and numbering are given for a series that is no list."""

    template = "{provider} has no lists; filters are for channels, playlists and feeds"

    def __init__(self, provider: str) -> None:
        super().__init__(provider=provider)
        self.provider = provider


class UsageError(InvalidInputError):
    """A command or request contradicts itself."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint: str | None = hint


def _listed(problems: Sequence[tuple[str, str]]) -> list[str]:
    return [
        Message("field_problem", pointer=pointer or "/", problem=problem)
        for pointer, problem in problems
    ]
