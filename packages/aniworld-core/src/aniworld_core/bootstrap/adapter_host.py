"""Open and close an adapter in a task of its own.

An adapter's context may hold a task group or cancel scope. These must be left in the task that
entered them, turn errors of the body into an `ExceptionGroup`, and cancel the body when one of
their tasks fails. A task of its own isolates the caller from this: an application may be opened in
one task and closed in another, as in the cells of a notebook, and errors of the caller stay as
they are.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Final

import anyio
import attrs

from aniworld_core.errors import AdapterBrokenError, AniworldError

logger: logging.Logger = logging.getLogger(__name__)

#: Seconds an adapter may take to close.
CLOSE_SECONDS: Final = 10.0


@attrs.define(eq=False)
class AdapterHost(AbstractAsyncContextManager[Any]):
    """Enter the context of one adapter in a task of its own.

    Entering raises `AdapterBrokenError` instead of a foreign error. Leaving does so if the adapter
    failed in the meantime and the body did not.

    Args:
        context: Context manager that the adapter's factory returned.
        broken: Returns the error of the adapter for a kind of message and its cause.
    """

    _context: AbstractAsyncContextManager[Any]
    _broken: Callable[[str, BaseException | None], AdapterBrokenError]
    _opened: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _closing: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _ended: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope, init=False)
    _adapter: Any = attrs.field(default=None, init=False)
    _error: Exception | None = attrs.field(default=None, init=False)
    #: Reference to the task, because an event loop holds only weak ones.
    _task: object = attrs.field(default=None, init=False)

    async def __aenter__(self) -> Any:
        """Open the adapter in its task and return it."""
        self._task = _start(self._live)
        try:
            await self._opened.wait()
        except BaseException:
            await self._end()
            raise
        if self._error is not None:
            raise self._known(self._error, "adapter_not_opened")
        if self._ended.is_set():
            raise self._broken("adapter_ended", None)
        return self._adapter

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Close the adapter; an error of the body is raised and not passed to the adapter."""
        had_failed = self._ended.is_set()
        await self._end()
        if self._error is None:
            return
        if had_failed and error is None:
            raise self._known(self._error, "adapter_failed")
        if not had_failed:
            logger.warning("%s", self._broken("adapter_not_closed", self._error))

    async def _end(self) -> None:
        """Wait for the end of the task, or cancel it."""
        if not self._opened.is_set():
            self._scope.cancel()
        self._closing.set()
        with anyio.move_on_after(CLOSE_SECONDS, shield=True):
            await self._ended.wait()
        if not self._ended.is_set():
            logger.warning("%s", self._broken("adapter_still_open", None))
            self._scope.cancel()

    async def _live(self) -> None:
        try:
            with self._scope:
                async with self._context as self._adapter:
                    self._opened.set()
                    await self._closing.wait()
        except Exception as error:  # a foreign module may raise anything
            self._error = error
            if self._opened.is_set() and not self._closing.is_set():
                logger.warning("%s", self._broken("adapter_failed", error))
        finally:
            self._ended.set()
            self._opened.set()

    def _known(self, error: Exception, kind: str) -> AniworldError:
        """Return an error of this project, also out of a group, otherwise `AdapterBrokenError`."""
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        if isinstance(cause, AniworldError):
            return cause
        broken = self._broken(kind, cause)
        broken.__cause__ = cause
        return broken


def _start(work: Callable[[], Awaitable[None]]) -> object:
    """Start a task without a task group on the current event loop."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # trio, the other event loop that anyio runs on; the caller that runs it imports it.
        return sys.modules["trio"].lowlevel.spawn_system_task(work)
    return loop.create_task(_awaited(work))


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
