"""Services of Apprise, from its own description; needs the extra `notify`.

Source: `apprise.Apprise.details`, documented at appriseit.com/library/.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from urllib.parse import quote, urlsplit

import attrs

from aniworld_core.errors import AdapterNotFoundError, InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_core.ports.notification_services import (
    NotificationService,
    NotificationServices,
    ServiceField,
)

_PLACE: Final = re.compile(r"\{(\w+)\}")
_SCHEMA: Final = "schema"


@attrs.frozen
class _Described:
    """A service with the patterns of its addresses."""

    view: NotificationService
    templates: tuple[str, ...]
    schemes: tuple[str, ...]
    #: Name of a list → names of its single entries, which some patterns take instead.
    members: Mapping[str, tuple[str, ...]]


class AppriseServices(NotificationServices):
    """Services that the installed Apprise supports."""

    def services(self) -> Sequence[NotificationService]:
        return [each.view for each in _described().values()]

    def address(self, service: str, values: Mapping[str, str]) -> str:
        found = _described().get(service)
        if found is None:
            raise InvalidFieldsError([("/service", Message("no_such_service"))])
        known = {field.name: field for field in found.view.fields}
        given = {name: value.strip() for name, value in values.items() if value.strip()}
        problems = [
            (f"/values/{name}", Message("not_known")) for name in given.keys() - known.keys()
        ]
        problems += [
            (f"/values/{name}", Message("required"))
            for name, field in known.items()
            if field.is_required and name not in given
        ]
        problems += [
            (f"/values/{name}", Message("must_be_one_of", names=list(field.choices)))
            for name, field in known.items()
            if name in given and field.choices and given[name] not in field.choices
        ]
        if _host_of(given.get("host", "")) is None:
            problems.append(("/values/host", Message("not_a_link")))
        if problems:
            raise InvalidFieldsError(problems)
        address = self._filled(found, known, given)
        if not import_module("apprise").Apprise().add(address):
            raise InvalidFieldsError([("/values", Message("service_values_refused"))])
        return address

    def _filled(
        self, found: _Described, known: Mapping[str, ServiceField], given: Mapping[str, str]
    ) -> str:
        """Return the address by the pattern that takes all given values and no others."""
        given = {_SCHEMA: found.schemes[0], **given}
        for names, values in _alternatives(given, found.members):
            for template in found.templates:
                if set(_PLACE.findall(template)) == names:
                    quoted = {n: _quoted(n, known.get(n), value) for n, value in values.items()}
                    return template.format_map(quoted)
        raise InvalidFieldsError([("/values", Message("service_values_together"))])


def _alternatives(
    given: Mapping[str, str], members: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Set[str], Mapping[str, str]]]:
    """Yield the values, then with a list of one entry under the name of such an entry."""
    yield given.keys(), given
    for name in given.keys() & members.keys():
        if "," in given[name]:
            continue
        for member in members[name]:
            values = {member if each == name else each: value for each, value in given.items()}
            yield values.keys(), values


def _quoted(name: str, field: ServiceField | None, value: str) -> str:
    """Return a value as a part of an address; one without a field is an entry of a list."""
    if name == _SCHEMA:
        return value
    if field is not None and field.kind == "list":
        return "/".join(quote(part.strip(), safe="") for part in value.split(",") if part.strip())
    if name == "host":
        return quote(_host_of(value) or "", safe=".:[]-")
    return quote(value, safe="")


def _host_of(value: str) -> str | None:
    """Return a host, which may be given as a link; `None` if the link is not valid."""
    if "://" not in value:
        return value
    try:
        return urlsplit(value).netloc
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _described() -> Mapping[str, _Described]:
    """Return the services by name.

    Raises:
        AdapterNotFoundError: If Apprise is not installed.
    """
    try:
        apprise: Any = import_module("apprise")
    except ImportError as error:
        missing = AdapterNotFoundError("aniworld.notification_services", "apprise", ())
        missing.hint = Message("apprise_missing.hint", extra="aniworld-providers[notify]")
        raise missing from error
    found = {}
    for schema in apprise.Apprise().details()["schemas"]:
        schemes = [*(schema["secure_protocols"] or ()), *(schema["protocols"] or ())]
        if not schemes:
            continue
        title = str(schema["service_name"])
        view = NotificationService(
            name=schemes[0],
            title=title,
            link=str(schema.get("setup_url") or ""),
            fields=tuple(_fields(schema["details"]["tokens"])),
            schemes=tuple(schemes),
        )
        tokens = schema["details"]["tokens"]
        found[view.name] = _Described(
            view,
            tuple(schema["details"]["templates"]),
            tuple(schemes),
            {name: tuple(token["group"]) for name, token in tokens.items() if token.get("group")},
        )
    return dict(sorted(found.items(), key=lambda each: each[1].view.title.casefold()))


def _fields(tokens: Mapping[str, Mapping[str, Any]]) -> Iterator[ServiceField]:
    grouped = {name for token in tokens.values() for name in token.get("group") or ()}
    for name, token in tokens.items():
        # Entries of a list are given in the list, and the scheme follows from the service.
        if name in grouped or "map_to" not in token:
            continue
        kind = str(token["type"]).partition(":")[0]
        choices = tuple(map(str, token.get("values") or ())) if kind == "choice" else ()
        if name == _SCHEMA and len(choices) < 2:
            continue
        yield ServiceField(
            name=name,
            label=str(token["name"]),
            kind="list"
            if kind == "list"
            else "choice"
            if choices
            else "number"
            if kind in {"int", "float"}
            else "text",
            is_required=bool(token.get("required")) and name != _SCHEMA,
            is_secret=bool(token.get("private")),
            choices=choices,
            minimum=token.get("min"),
            maximum=token.get("max"),
        )


def open_services() -> NotificationServices:
    """Open the services installed as `apprise`."""
    return AppriseServices()
