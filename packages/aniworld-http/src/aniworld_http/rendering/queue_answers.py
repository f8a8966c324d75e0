"""Responses about the queue, encoded once for each state of queue, series and worker."""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads import QueueReader
from aniworld_core.domain.configuration import LanguagesConfig
from aniworld_core.domain.downloads import WorkerState
from aniworld_http.schemas import Encoded


@attrs.frozen
class _State:
    """Everything that a response depends on."""

    revision: str
    worker: WorkerState
    languages: LanguagesConfig


@attrs.define(eq=False, kw_only=True)
class QueueAnswers:
    """Encodes responses about the queue; an unchanged queue is neither read nor encoded again.

    The state is read before the queue, so that a response is never older than its request.
    """

    _reader: QueueReader
    _config: CurrentConfig
    _answers: dict[str, tuple[_State, Encoded]] = attrs.field(factory=dict, init=False)
    _reading: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def status(self, worker: WorkerState) -> Encoded:
        """Return the queue status."""
        return await self._show("status", worker, self._reader.status)

    async def summary(self, worker: WorkerState) -> Encoded:
        """Return the numbers of the queue."""
        return await self._show("summary", worker, self._reader.summary)

    async def _show(
        self, name: str, worker: WorkerState, ask: Callable[[WorkerState], Awaitable[object]]
    ) -> Encoded:
        if (known := self._known(name, await self._state(worker))) is not None:
            return known
        # After a change many clients send the same request; one of them reads the queue for all.
        async with self._reading:
            state = await self._state(worker)
            if (known := self._known(name, state)) is not None:
                return known
            answer = Encoded.of(await ask(worker))
            self._answers[name] = (state, answer)
            return answer

    async def _state(self, worker: WorkerState) -> _State:
        return _State(await self._reader.revision(), worker, self._config.value.languages)

    def _known(self, name: str, state: _State) -> Encoded | None:
        known = self._answers.get(name)
        return known[1] if known is not None and known[0] == state else None


#: Encoder of responses about the queue of this server.
QUEUE_ANSWERS: Final = web.AppKey("QUEUE_ANSWERS", QueueAnswers)
