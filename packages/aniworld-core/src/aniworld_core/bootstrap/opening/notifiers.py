"""Open the notifier of an address."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, cast

from aniworld_core.application.automation import Address, OpenNotifier
from aniworld_core.bootstrap.plugins import adapter_distributions, load_adapter, scheme_of
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import NotificationFailedError, SettingsError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.notification_services import NotificationServices
from aniworld_core.ports.notifier import Notifier, NotifierFactory

NOTIFIERS: Final = "aniworld.notifier"
SERVICES: Final = "aniworld.notification_services"
#: Name of the notifier that sends signed JSON, and of the one for most other services.
_WEBHOOK: Final = "webhook"
_ANY_OTHER: Final = "apprise"


def notifier_opener(context: Callable[[Config], AdapterContext]) -> OpenNotifier:
    """Return a function that opens the notifier of an address with the context of a configuration.

    An adapter installed under the scheme of an address comes before the general one.
    """

    def open_notifier(address: Address, config: Config) -> AbstractAsyncContextManager[Notifier]:
        name = _WEBHOOK if address.is_webhook else _notifier_name(address)
        factory = cast("NotifierFactory", load_adapter(NOTIFIERS, name))
        return factory(address.url, context(config))

    return open_notifier


def open_services() -> NotificationServices:
    """Open the description of notification services.

    Raises:
        AdapterNotFoundError: If none is installed.
    """
    factory = cast("Callable[[], NotificationServices]", load_adapter(SERVICES, _ANY_OTHER))
    return factory()


def _notifier_name(address: Address) -> str:
    installed = adapter_distributions(NOTIFIERS)
    try:
        scheme = scheme_of(address.url)
    except SettingsError as error:
        raise NotificationFailedError(address.label, Message("no_scheme")) from error
    return scheme if scheme in installed and scheme != _WEBHOOK else _ANY_OTHER
