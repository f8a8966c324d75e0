"""Find adapters: entry points by group, and by URL scheme or name within the group."""

import functools
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Final, cast

import attrs

from aniworld_core.errors import AdapterBrokenError, AdapterNotFoundError, SettingsError
from aniworld_core.messages import Message

logger: logging.Logger = logging.getLogger(__name__)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)(?:\+[A-Za-z0-9.+-]+)?(?::|$)")


def scheme_of(url: str) -> str:
    """Return the scheme of a URL that selects an adapter: before `+` or `:`, in lower case.

    A bare word such as `local` is its own scheme.

    Raises:
        SettingsError: If the URL has no scheme.
    """
    match = _SCHEME.match(url)
    if match is None:
        # Not shown in full: an address may contain a password.
        raise SettingsError([f"{url.partition(':')[0][:20]!r} is no URL such as sqlite:///file.db"])
    return match[1].lower()


def has_shared_storage(url: str) -> bool:
    """Return whether several machines may share the database of a URL; imports no adapter.

    Such a storage is also offered in the group `aniworld.shared_storage`. It holds the
    configuration, and its servers need a common signing key.

    Raises:
        SettingsError: If the URL has no scheme.
    """
    name = scheme_of(url)
    # Searching the installed distributions takes longer than reading a configuration.
    return name != "sqlite" and name in _by_name(_offered("aniworld.shared_storage"))


def load_adapter(group: str, name: str) -> object:
    """Import the one adapter of this name.

    Raises:
        AdapterNotFoundError: If no distribution offers it.
        AdapterBrokenError: If two distributions offer it, or it cannot be imported.
    """
    installed = _by_name(_offered(group))
    if name not in installed:
        raise AdapterNotFoundError(group, name, sorted(installed))
    return _loaded(group, name, installed[name])


def load_adapters(group: str) -> Mapping[str, object]:
    """Import every adapter of a group by name; log broken ones and leave them out."""
    loaded = {}
    for name, points in sorted(_by_name(_offered(group)).items()):
        try:
            loaded[name] = _loaded(group, name, points)
        except AdapterBrokenError as error:
            logger.exception("%s; skipping it", error)  # noqa: TRY401 - says which adapter
    return loaded


def declared_settings() -> Mapping[str, type]:
    """Return the settings classes of loaders by loader name; log broken ones."""
    declared = {}
    for name, cls in load_adapters("aniworld.loader_settings").items():
        if isinstance(cls, type) and attrs.has(cls):
            declared[name] = cls
        else:
            logger.warning("the settings that %s declares are no attrs class", name)
    return declared


def adapter_distributions(group: str) -> Mapping[str, str]:
    """Return the distribution of each adapter of a group, without importing adapters."""
    points = _by_name(_offered(group))
    return {name: ", ".join(_offered_by(points[name])) for name in sorted(points)}


def _offered(group: str) -> EntryPoints:
    return _installed(tuple(sys.path)).select(group=group)


@functools.lru_cache(maxsize=1)
def _installed(_path: tuple[str, ...]) -> EntryPoints:
    """Return the entry points of all distributions on the path, cached for the process."""
    # Before Python 3.12 the type is another one, with the same `select`.
    return cast("EntryPoints", entry_points())


def _by_name(points: Iterable[EntryPoint]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in points:
        # A distribution can be on the path twice, as a wheel and as a checkout.
        if point.value not in {other.value for other in found.get(point.name, ())}:
            found.setdefault(point.name, []).append(point)
    return found


def _loaded(group: str, name: str, points: list[EntryPoint]) -> object:
    if len(points) > 1:
        offered = Message("adapter_offered_twice", names=_offered_by(points))
        raise AdapterBrokenError(group, name, offered)
    try:
        return points[0].load()
    except Exception as error:  # a foreign module may raise anything on import
        by = _offered_by(points)[0]
        reason = Message("adapter_not_imported", error=repr(error))
        raise AdapterBrokenError(
            group, name, Message("part_reason", part=by, reason=reason)
        ) from error


def _offered_by(points: list[EntryPoint]) -> list[str]:
    return sorted(point.dist.name if point.dist else point.value for point in points)


#: Groups of entry points by the kind of provider.
_PROVIDERS: Final = {
    "catalogue": "aniworld.loader",
    "resolver": "aniworld.resolver",
    "fetcher": "aniworld.fetcher",
}


class InstalledPlugins:
    """Providers of installed distributions; see `InstalledAdapters`."""

    def distributions(self, kind: str) -> Mapping[str, str]:
        """Return the distribution of each adapter of a kind by the adapter's name."""
        return adapter_distributions(_PROVIDERS[kind])

    def problem(self, kind: str, name: str) -> str | None:
        """Return why an adapter cannot be loaded, `None` if it can."""
        try:
            load_adapter(_PROVIDERS[kind], name)
        except AdapterBrokenError as error:
            return error.reason
        return None
