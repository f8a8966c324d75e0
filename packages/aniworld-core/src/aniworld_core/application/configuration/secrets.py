"""Hide secrets of the configuration, and put them back when a hidden view is sent back.

A secret belongs to the address it is sent to. It is put back only for that address: otherwise
anyone who may change settings could send stored passwords to a server of theirs.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

#: What stands in place of a secret in every view.
REDACTED: Final = "********"

_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|secret|token|api_?key|private_?key|hash|credential"
    r"|authorization|cookie",
    re.IGNORECASE,
)
_SECRET_LISTS = {("notifications", "urls"), ("notifications", "webhooks")}
#: Settings that say where the secrets beside them and below them are sent, and for whom.
_ADDRESS_NAME = re.compile(
    r"(?:.*_)?(?:url|uri|link|host|hostname|port|scheme|domain|address|server|endpoint|webhooks"
    r"|user|username|login|account)",
    re.IGNORECASE,
)
_PROXY = "proxy"
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]+(?=@)")


def redacted(document: Mapping[str, object]) -> dict[str, object]:
    """Return a copy without secrets: passwords, tokens, hashes, notification addresses.

    User names and passwords inside other addresses are hidden as well. An empty secret stays
    empty, so that one can see whether it is set.
    """
    return {name: _hidden(value, (name,)) for name, value in document.items()}


def restored_secrets(
    document: Mapping[str, object], stored: Mapping[str, object]
) -> dict[str, object]:
    """Put back the stored secrets where a whole or partial document still shows them hidden.

    So a view can be changed and sent back as a whole. A secret stays hidden where its address has
    changed: the base URL, host, port or user name beside it or above it, or the proxy that requests
    without TLS go through. There a hidden secret is also added where the document leaves it out, so
    that laying the document over the stored one cannot keep it. Servers in a list are recognised by
    their address and name, never by their position alone.
    """
    hidden, way = redacted(stored), _Way()
    result = _restored_mapping(document, hidden, stored, way)
    if "providers" in stored and _has_new_proxy(document, hidden, stored):
        # Providers without a proxy of their own use that of the network.
        given = document.get("providers", {})
        way = _Way(has_new_proxy=True)
        result["providers"] = _restored(given, hidden["providers"], stored["providers"], way)
    return result


@attrs.frozen
class _Way:
    """How a stored secret would reach another place than it does now.

    Attributes:
        is_elsewhere: The address beside it or above it has changed.
        has_new_proxy: A proxy has changed that is used where there is no other.
        is_read: Requests go without TLS through a proxy that has changed.
        in_list: It is in an element of a list, and lists replace the stored ones.
    """

    is_elsewhere: bool = False
    has_new_proxy: bool = False
    is_read: bool = False
    in_list: bool = False


def _hidden(value: object, path: tuple[str, ...]) -> object:
    if isinstance(value, Mapping):
        # Everything inside something of that name is secret.
        last = (path[-1],) if _SECRET_NAME.search(path[-1]) else ()
        return {name: _hidden(inner, (*path, str(name), *last)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        if path in _SECRET_LISTS or _SECRET_NAME.search(path[-1]):
            return [REDACTED for _ in value]
        return [_hidden(inner, path) for inner in value]
    if _SECRET_NAME.search(path[-1]):
        return REDACTED if value else value
    return _USER_INFO.sub(REDACTED, value) if isinstance(value, str) else value


def _restored(value: object, hidden: object, stored: object, way: _Way) -> object:
    if isinstance(value, Mapping) and isinstance(hidden, Mapping) and isinstance(stored, Mapping):
        return _restored_mapping(value, hidden, stored, way)
    if isinstance(value, list) and isinstance(hidden, list) and isinstance(stored, Sequence):
        pairs = [_partner(inner, index, hidden, stored) for index, inner in enumerate(value)]
        inside = attrs.evolve(way, in_list=True)
        return [_restored(inner, *pair, inside) for inner, pair in zip(value, pairs, strict=True)]
    if not isinstance(value, str) or REDACTED not in value or value != hidden:
        return value
    # Credentials inside an address are bound to it: it is unchanged.
    is_bound_to_others = value == REDACTED
    return value if way.is_read or (way.is_elsewhere and is_bound_to_others) else stored


def _restored_mapping(
    value: Mapping[str, object],
    hidden: Mapping[str, object],
    stored: Mapping[str, object],
    way: _Way,
) -> dict[str, object]:
    way = _way_below(value, hidden, stored, way)
    result: dict[str, object] = {}
    for name, inner in value.items():
        below = attrs.evolve(way, is_read=False) if name == _PROXY else way
        result[name] = _restored(inner, hidden.get(name), stored.get(name), below)
    if not way.in_list:
        for name in stored.keys() - value.keys() - {_PROXY}:
            kept = _restored(hidden[name], hidden[name], stored[name], way)
            if kept != stored[name]:
                result[name] = kept
    return result


def _way_below(
    value: Mapping[str, object],
    hidden: Mapping[str, object],
    stored: Mapping[str, object],
    way: _Way,
) -> _Way:
    """Return how the secrets in a mapping would reach another place."""
    addresses = [name for name in value if _ADDRESS_NAME.fullmatch(name)]
    if not all(_is_same(value[name], hidden.get(name), stored.get(name)) for name in addresses):
        way = attrs.evolve(way, is_elsewhere=True)
    elif _has_full_address(stored):
        way = attrs.evolve(way, is_elsewhere=False)  # it does not depend on those above it
    if _PROXY in value and not _is_same(value[_PROXY], hidden.get(_PROXY), stored.get(_PROXY)):
        way = attrs.evolve(way, has_new_proxy=True)
    elif stored.get(_PROXY):
        way = attrs.evolve(way, has_new_proxy=False)
    if way.has_new_proxy and _has_full_address({**stored, **value}, "http://"):
        way = attrs.evolve(way, is_read=True)
    return way


def _has_full_address(mapping: Mapping[str, object], start: str = "") -> bool:
    """Whether a setting is an address with a scheme that requests are sent to."""
    return any(
        isinstance(value, str) and "://" in value and value.lower().startswith(start)
        for name, value in mapping.items()
        if _ADDRESS_NAME.fullmatch(name)
    )


def _has_new_proxy(
    document: Mapping[str, object], hidden: Mapping[str, object], stored: Mapping[str, object]
) -> bool:
    proxy, shown, kept = (
        network.get(_PROXY) if isinstance(network := each.get("network"), Mapping) else None
        for each in (document, hidden, stored)
    )
    return bool(proxy) and not _is_same(proxy, shown, kept)


def _is_same(value: object, hidden: object, stored: object) -> bool:
    """Whether a setting is as stored or as shown; lists may have lost elements."""
    if isinstance(value, list | tuple):
        known = [
            each for kept in (hidden, stored) if isinstance(kept, list | tuple) for each in kept
        ]
        return all(each in known for each in value)
    if not value and not stored:
        return True
    return value in (hidden, stored)


def _partner(
    value: object, index: int, hidden: Sequence[object], stored: Sequence[object]
) -> tuple[object, object]:
    """Find the stored element that a shown element stands for.

    A mapping is recognised by its address, among several by its name; where the address is new, by
    its name. Other values are recognised by what they show, and where that is the same for several,
    by their position.
    """
    pairs = list(zip(hidden, stored, strict=True))
    if index < len(pairs):
        pairs.insert(0, pairs[index])  # of several that are alike, the one at its place
    if not isinstance(value, Mapping):
        if value == REDACTED:  # it shows nothing: only its place tells it apart
            return pairs[0] if index < len(hidden) else (None, None)
        return next((pair for pair in pairs if pair[0] == value), (None, None))
    ranked = [
        (_has_same_address(value, shown, kept), shown.get("name") == value.get("name"), shown, kept)
        for shown, kept in pairs
        if isinstance(shown, Mapping) and isinstance(kept, Mapping)
    ]
    best = max(ranked, key=lambda each: each[:2], default=(False, False, None, None))
    return best[2:] if best[0] or best[1] else (None, None)


def _has_same_address(
    value: Mapping[str, object], hidden: Mapping[str, object], stored: Mapping[str, object]
) -> bool:
    names = {name for name in (*value, *stored) if _ADDRESS_NAME.fullmatch(name)}
    return any(value.get(name) for name in names) and all(
        _is_same(value.get(name), hidden.get(name), stored.get(name)) for name in names
    )
