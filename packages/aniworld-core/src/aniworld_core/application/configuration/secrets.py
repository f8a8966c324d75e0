"""Hide secrets of the configuration, and restore them when a hidden view is sent back.

A secret belongs to the address it is sent to and is restored only for that address. Otherwise
anyone who may change settings could send stored passwords to a server of their own.

The descriptions of settings define which are secrets, addresses and proxies. Settings that this
version does not know are judged by their names.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from aniworld_core.application.configuration.provider_settings import Declared
from aniworld_core.application.configuration.settings import NO_DECLARED, place_of

#: Shown in place of a secret in every view.
REDACTED: Final = "********"

_SECRET_NAME: Final = re.compile(
    r"password|passwd|passphrase|secret|token|api_?key|private_?key|hash|credential"
    r"|authorization|cookie",
    re.IGNORECASE,
)
_ADDRESS_NAME: Final = re.compile(
    r"(?:.*_)?(?:url|uri|link|host|hostname|port|scheme|domain|address|server|endpoint|webhooks"
    r"|user|username|login|account)",
    re.IGNORECASE,
)
_PROXY_NAME: Final = "proxy"
_USER_INFO: Final = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")
#: Names from the root of the document; positions in lists are left out.
_Path: TypeAlias = tuple[str, ...]


def redacted(document: Mapping[str, object], declared: Declared = NO_DECLARED) -> dict[str, object]:
    """Return a copy without secrets: passwords, tokens, hashes, notification addresses.

    User names and passwords inside other addresses are hidden as well. An empty secret stays empty,
    so that the view shows whether it is set.

    Args:
        document: A complete document.
        declared: Settings that loaders declare themselves.
    """
    return _Secrets(declared).hide(document)


def restored_secrets(
    document: Mapping[str, object],
    stored: Mapping[str, object],
    declared: Declared = NO_DECLARED,
) -> dict[str, object]:
    """Restore the stored secrets where a partial or complete document still hides them.

    So a view can be changed and sent back. A secret stays hidden if its address has changed: the
    base URL, host, port or user name beside it or above it, or the proxy for requests without TLS.
    In that case a hidden secret is also added where the document omits it, so that merging cannot
    keep the stored one. Servers in a list are identified by address and name, never by position
    alone.
    """
    return _Secrets(declared).restore(document, stored)


@attrs.frozen
class _Way:
    """How a stored secret would be sent to another address than now.

    Attributes:
        is_elsewhere: The address beside it or above it has changed.
        has_new_proxy: The default proxy has changed.
        is_read: Requests without TLS use a proxy that has changed.
        in_list: It is in an element of a list, and lists replace the stored ones.
    """

    is_elsewhere: bool = False
    has_new_proxy: bool = False
    is_read: bool = False
    in_list: bool = False


@attrs.frozen
class _Secrets:
    """Hides and restores the secrets of a document.

    Attributes:
        _declared: Settings that loaders declare themselves.
    """

    _declared: Declared

    def hide(self, document: Mapping[str, object]) -> dict[str, object]:
        return {name: self._hidden(value, (name,)) for name, value in document.items()}

    def restore(
        self, document: Mapping[str, object], stored: Mapping[str, object]
    ) -> dict[str, object]:
        hidden, way = self.hide(stored), _Way()
        result = self._restored_mapping(document, hidden, stored, way, ())
        if "providers" in stored and _has_new_proxy(document, hidden, stored):
            # Providers without a proxy of their own use the proxy of the network section.
            given = document.get("providers", {})
            way = _Way(has_new_proxy=True)
            path = ("providers",)
            result["providers"] = self._restored(
                given, hidden["providers"], stored["providers"], way, path
            )
        return result

    def _is_secret(self, path: _Path) -> bool:
        place = place_of(path, self._declared)
        if place is not None:
            return place.description.is_secret
        return _SECRET_NAME.search(path[-1]) is not None

    def _is_address(self, path: _Path) -> bool:
        place = place_of(path, self._declared)
        if place is not None:
            return place.description.is_address
        return _ADDRESS_NAME.fullmatch(path[-1]) is not None

    def _is_own_address(self, path: _Path) -> bool:
        """Return whether a secret is an address, such as a webhook: it is sent nowhere else."""
        place = place_of(path, self._declared)
        form = None if place is None else place.description.form
        return form is not None and form.is_address

    def _is_proxy(self, path: _Path) -> bool:
        place = place_of(path, self._declared)
        return path[-1] == _PROXY_NAME if place is None else place.description.is_proxy

    def _hidden(self, value: object, path: _Path, *, is_inside: bool = False) -> object:
        """Return a value without its secrets.

        Args:
            value: Value at *path*.
            path: Its names from the root.
            is_inside: Whether it is inside something that is secret as a whole.
        """
        is_secret = is_inside or self._is_secret(path)
        if isinstance(value, Mapping):
            return {
                name: self._hidden(inner, (*path, str(name)), is_inside=is_secret)
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            if is_secret:
                return [REDACTED for _ in value]
            return [self._hidden(inner, path) for inner in value]
        if is_secret:
            return REDACTED if value else value
        return _USER_INFO.sub(REDACTED, value) if isinstance(value, str) else value

    def _restored(
        self, value: object, hidden: object, stored: object, way: _Way, path: _Path
    ) -> object:
        if (
            isinstance(value, Mapping)
            and isinstance(hidden, Mapping)
            and isinstance(stored, Mapping)
        ):
            return self._restored_mapping(value, hidden, stored, way, path)
        if isinstance(value, list) and isinstance(hidden, list) and isinstance(stored, Sequence):
            inside = attrs.evolve(way, in_list=True)
            return [
                self._restored(inner, *self._partner(inner, i, hidden, stored, path), inside, path)
                for i, inner in enumerate(value)
            ]
        if not isinstance(value, str) or REDACTED not in value or value != hidden:
            return value
        # An unchanged address keeps the credentials inside it, whatever stands beside it.
        is_bound_to_others = value == REDACTED and not self._is_own_address(path)
        return value if way.is_read or (way.is_elsewhere and is_bound_to_others) else stored

    def _restored_mapping(
        self,
        value: Mapping[str, object],
        hidden: Mapping[str, object],
        stored: Mapping[str, object],
        way: _Way,
        path: _Path,
    ) -> dict[str, object]:
        way = self._way_below(value, hidden, stored, way, path)
        result: dict[str, object] = {}
        for name, inner in value.items():
            here = (*path, name)
            below = attrs.evolve(way, is_read=False) if self._is_proxy(here) else way
            result[name] = self._restored(inner, hidden.get(name), stored.get(name), below, here)
        if not way.in_list:
            for name in stored.keys() - value.keys():
                here = (*path, name)
                if self._is_proxy(here):
                    continue
                kept = self._restored(hidden[name], hidden[name], stored[name], way, here)
                if kept != stored[name]:
                    result[name] = kept
        return result

    def _way_below(
        self,
        value: Mapping[str, object],
        hidden: Mapping[str, object],
        stored: Mapping[str, object],
        way: _Way,
        path: _Path,
    ) -> _Way:
        """Return how the secrets in a mapping would be sent to another address."""

        def is_kept(name: str) -> bool:
            return _is_same(value[name], hidden.get(name), stored.get(name))

        if not all(is_kept(name) for name in value if self._is_address((*path, name))):
            way = attrs.evolve(way, is_elsewhere=True)
        elif self._has_full_address(stored, path):
            way = attrs.evolve(
                way, is_elsewhere=False
            )  # It does not depend on the addresses above it.
        proxies = [name for name in {**stored, **value} if self._is_proxy((*path, name))]
        if not all(is_kept(name) for name in proxies if name in value):
            way = attrs.evolve(way, has_new_proxy=True)
        elif any(stored.get(name) for name in proxies):
            way = attrs.evolve(way, has_new_proxy=False)
        if way.has_new_proxy and self._has_full_address({**stored, **value}, path, "http://"):
            way = attrs.evolve(way, is_read=True)
        return way

    def _has_full_address(
        self, mapping: Mapping[str, object], path: _Path, start: str = ""
    ) -> bool:
        """Return whether a setting is a complete address with a scheme."""
        return any(
            isinstance(value, str) and "://" in value and value.lower().startswith(start)
            for name, value in mapping.items()
            if self._is_address((*path, name))
        )

    def _partner(
        self,
        value: object,
        index: int,
        hidden: Sequence[object],
        stored: Sequence[object],
        path: _Path,
    ) -> tuple[object, object]:
        """Return the stored list entry that corresponds to a shown one, hidden and in clear.

        A mapping is identified by its address, and among several by its name; by its name if the
        address is new. Other values are identified by their shown text, and equal ones by position.
        """
        pairs = list(zip(hidden, stored, strict=True))
        if index < len(pairs):
            pairs.insert(0, pairs[index])  # Several are equal: use the one at the same position.
        if not isinstance(value, Mapping):
            if value == REDACTED:  # It shows nothing: only its position identifies it.
                return pairs[0] if index < len(hidden) else (None, None)
            return next((pair for pair in pairs if pair[0] == value), (None, None))
        ranked = [
            (
                self._has_same_address(value, shown, kept, path),
                shown.get("name") == value.get("name"),
                shown,
                kept,
            )
            for shown, kept in pairs
            if isinstance(shown, Mapping) and isinstance(kept, Mapping)
        ]
        best = max(ranked, key=lambda each: each[:2], default=(False, False, None, None))
        return best[2:] if best[0] or best[1] else (None, None)

    def _has_same_address(
        self,
        value: Mapping[str, object],
        hidden: Mapping[str, object],
        stored: Mapping[str, object],
        path: _Path,
    ) -> bool:
        names = {name for name in (*value, *stored) if self._is_address((*path, name))}
        return any(value.get(name) for name in names) and all(
            _is_same(value.get(name), hidden.get(name), stored.get(name)) for name in names
        )


def _has_new_proxy(
    document: Mapping[str, object], hidden: Mapping[str, object], stored: Mapping[str, object]
) -> bool:
    proxy, shown, kept = (
        network.get(_PROXY_NAME) if isinstance(network := each.get("network"), Mapping) else None
        for each in (document, hidden, stored)
    )
    return bool(proxy) and not _is_same(proxy, shown, kept)


def _is_same(value: object, hidden: object, stored: object) -> bool:
    """Return whether a setting is equal to the stored or shown one; lists may have lost entries."""
    if isinstance(value, list | tuple):
        known = [
            each for kept in (hidden, stored) if isinstance(kept, list | tuple) for each in kept
        ]
        return all(each in known for each in value)
    if not value and not stored:
        return True
    return value in (hidden, stored)
