"""Services that notifications can be sent to, described for a form."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class ServiceField:
    """One value that a service needs.

    Attributes:
        name: Its name in `NotificationServices.address`.
        label: Its English name for people.
        kind: Kind of input; the entries of a list are separated by commas.
        is_required: Whether it must be given.
        is_secret: Whether an input hides it.
        choices: Allowed values of a choice.
        minimum: Smallest value of a number.
        maximum: Largest value of a number.
    """

    name: str
    label: str
    kind: Literal["text", "number", "choice", "list"] = "text"
    is_required: bool = False
    is_secret: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


@attrs.frozen(kw_only=True)
class NotificationService:
    """A service.

    Attributes:
        name: Unique name, such as `tgram`.
        title: Name for people.
        link: Page that explains its values; empty if there is none.
        fields: Its values.
        schemes: All schemes of its addresses, the name included.
    """

    name: str
    title: str
    link: str
    fields: tuple[ServiceField, ...]
    schemes: tuple[str, ...] = ()


class NotificationServices(ABC):
    """Describe services and build their addresses; sends nothing. Methods may block."""

    @abstractmethod
    def services(self) -> Sequence[NotificationService]:
        """Return all services, by title."""

    @abstractmethod
    def address(self, service: str, values: Mapping[str, str]) -> str:
        """Return the address that a notifier takes, which contains the secrets.

        Args:
            service: Name of the service.
            values: Name of a field → its value; missing and empty ones count as not given.

        Raises:
            InvalidFieldsError: If there is no such service, a required value is missing, or a
                value is not accepted. The error contains no value.
        """
