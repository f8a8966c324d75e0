"""Test settings before they are stored: ask the service that they are for."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.application.automation.media_server_refresh import MediaServerRefresh
from aniworld_core.application.automation.notification_sender import Address, NotificationSender
from aniworld_core.application.catalogue import own_errors
from aniworld_core.application.configuration import ConfigEditor
from aniworld_core.domain.configuration import Config, MediaServerConfig, ProviderConfig
from aniworld_core.domain.json_pointer import pointer_to, tokens_of
from aniworld_core.errors import AniworldError, InvalidFieldsError, ProviderUnavailableError
from aniworld_core.messages import Message, MessageView, kind_field, values_field
from aniworld_core.ports.loader import Loader

#: Maximum seconds that a catalogue may take for a test.
DEADLINE: Final = timedelta(seconds=30)
#: Search text of a test; its results are only counted.
_QUERY: Final = "a moon"

#: Opens a catalogue with the context of a configuration.
OpenLoader: TypeAlias = Callable[[str, Config], AbstractAsyncContextManager[Loader]]


@attrs.frozen(kw_only=True)
class SettingTrial(MessageView):
    """Result of testing one service.

    Attributes:
        pointer: JSON pointer of its settings.
        target: Its name, without secrets.
        works: Whether it accepted the test.
        detail: What it answered, or why it does not work.
        hint: How to correct it.
    """

    pointer: str
    target: str
    works: bool
    detail: str
    detail_kind: str | None = kind_field("detail")
    detail_values: Mapping[str, object] = values_field("detail")
    hint: str | None = None
    hint_kind: str | None = kind_field("hint")
    hint_values: Mapping[str, object] = values_field("hint")


@attrs.frozen
class _Service:
    """A service that can be tested; `ask` returns what it answered."""

    pointer: str
    target: str
    ask: Callable[[], Awaitable[Message]]


@attrs.define(eq=False, kw_only=True)
class SettingTests:
    """Test catalogues, notification addresses and media servers with settings of a form.

    Nothing is stored. Hidden secrets are those of the stored configuration, as in
    `ConfigEditor.replace`: they are never sent to another address than the stored one.
    """

    _editor: ConfigEditor
    _notifications: NotificationSender
    _media_servers: MediaServerRefresh
    _open_loader: OpenLoader

    async def run(self, document: Mapping[str, object], pointer: str) -> Sequence[SettingTrial]:
        """Test every service whose settings are at a pointer or below it, at the same time.

        Args:
            document: Partial or complete document to lay over the stored one.
            pointer: Such as `/media_servers/servers/0`, `/notifications` or `/providers/archive`;
                empty for all.

        Returns:
            The results in the order of the document; none if nothing is configured there.

        Raises:
            InvalidConfigError: If the document is invalid.
            InvalidFieldsError: If nothing at the pointer can be tested.
        """
        config = await self._editor.drafted(document)
        wanted = tokens_of(pointer)
        if wanted and wanted[0] not in _SECTIONS:
            raise InvalidFieldsError([("/pointer", Message("not_testable"))])
        services = [
            each for each in self._services(config, wanted) if _covers(wanted, each.pointer)
        ]
        results: dict[str, SettingTrial] = {}

        async def ask(service: _Service) -> None:
            found = await tried(service.pointer, service.target, service.ask)
            results[service.pointer] = found

        async with anyio.create_task_group() as tasks:
            for service in services:
                tasks.start_soon(ask, service)
        return [results[service.pointer] for service in services]

    def _services(self, config: Config, wanted: Sequence[str]) -> Iterator[_Service]:
        for number, server in enumerate(config.media_servers.servers):
            check = partial(self._media_server, server, config)
            yield _Service(f"/media_servers/servers/{number}", server.label, check)
        for name in ("urls", "webhooks"):
            for number, url in enumerate(getattr(config.notifications, name)):
                address = Address(url=url, is_webhook=name == "webhooks")
                send = partial(self._notification, address, config)
                yield _Service(f"/notifications/{name}/{number}", address.label, send)
        # Only catalogues that are named, because a default one may be disabled or not installed.
        names = dict.fromkeys([*wanted[1:2], *config.providers])
        for name in names if not wanted or wanted[0] == "providers" else ():
            yield from self._catalogue(name, config)

    async def _media_server(self, server: MediaServerConfig, config: Config) -> Message:
        facts = await self._media_servers.test(server, config)
        return Message("media_server_works", product=facts.product)

    async def _notification(self, address: Address, config: Config) -> Message:
        await self._notifications.try_address(address, config)
        return Message("notification_sent")

    def _catalogue(self, name: str, config: Config) -> Iterator[_Service]:
        section = config.provider(name)
        if not section.servers:
            yield self._searched(pointer_to(("providers", name)), name, name, config)
        for number, server in enumerate(section.servers):
            pointer = pointer_to(("providers", name, "servers", str(number)))
            alone = attrs.evolve(section, servers=(server,), base_url="")
            label = server.name or server.base_url.rpartition("@")[2]
            yield self._searched(pointer, label, name, _with_section(config, name, alone))

    def _searched(self, pointer: str, target: str, name: str, config: Config) -> _Service:
        async def search() -> Message:
            try:
                with anyio.fail_after(DEADLINE.total_seconds()):
                    async with self._open_loader(name, config) as loader:
                        if not loader.can_search:
                            return Message("catalogue_asks_nobody")
                        with own_errors(name):
                            await loader.search(_QUERY)
            except TimeoutError as error:
                reason = Message("no_answer_within", waited_seconds=DEADLINE.total_seconds())
                raise ProviderUnavailableError(name, reason) from error
            return Message("catalogue_answers")

        return _Service(pointer, target, search)


#: Sections with services.
_SECTIONS: Final = frozenset({"media_servers", "notifications", "providers"})


def _covers(wanted: Sequence[str], pointer: str) -> bool:
    tokens = tokens_of(pointer)
    length = min(len(wanted), len(tokens))
    return list(wanted[:length]) == list(tokens[:length]) and len(wanted) <= len(tokens)


def _with_section(config: Config, name: str, section: ProviderConfig) -> Config:
    return attrs.evolve(config, providers={**config.providers, name: section})


async def tried(pointer: str, target: str, ask: Callable[[], Awaitable[Message]]) -> SettingTrial:
    """Return the result of asking one service."""
    try:
        answer = await ask()
    except AniworldError as error:
        reason = error.values.get("reason")
        detail = reason if isinstance(reason, str) else error.message
        return SettingTrial(
            pointer=pointer,
            target=target,
            works=False,
            detail=detail,
            hint=error.hint,
        )
    return SettingTrial(pointer=pointer, target=target, works=True, detail=answer)
