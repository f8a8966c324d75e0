"""Tickets that procrastinate gives to the workers of all machines.

A ticket is a job of procrastinate. Triggers defer it in the transaction that makes an item
claimable (`_ticket_schema`).

The manager of procrastinate's jobs is used, not its worker: that fetches for a fixed number of jobs
at a time, and after a lost connection it waits for all of them before it connects again. The lanes
of a worker are as many as the configuration says now, and downloads outlast a restart of the
server.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import anyio
import anyio.abc
import attrs
import psycopg
import sqlalchemy as sa
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Notification, Status
from procrastinate.periodic import PeriodicDeferrer
from psycopg import errors as pg

from aniworld_core.domain.identity import ItemId
from aniworld_core.errors import AniworldError
from aniworld_core.ports.tickets import Ticket, TicketDispatcher
from aniworld_postgres._database import Database
from aniworld_postgres._errors import mapped_errors
from aniworld_postgres._ticket_schema import QUEUE, RECONCILE

logger: Final = logging.getLogger(__name__)

#: Task of the job that compares tickets and items, and when it is due.
_RECONCILE_TASK: Final = "aniworld.reconcile"
_EVERY_MINUTE: Final = "* * * * *"
#: Seconds for which a lane waits for a ticket before it looks at its other duties.
_WAIT: Final = 1.0
#: Seconds between two signs of life of a worker, and without one until it counts as gone.
_HEARTBEAT: Final = 5.0
_STALLED: Final = 30.0
#: Seconds between two attempts to use a server that is away.
_RETRY: Final = 1.0
#: Seconds that the end of a ticket may take; later it is tried again.
_END_WITHIN: Final = 5.0
#: Seconds until a cancelled item has to have ended, and between two looks at it.
_CANCEL_WITHIN: Final = 10.0
_LOOK_EVERY: Final = 0.05
#: Connections for tickets of one process, apart from the one that listens.
_CONNECTIONS: Final = 2

_HOLD: Final = "UPDATE procrastinate_jobs SET args = %(args)s WHERE id = %(job)s"
_GIVE_BACK: Final = "SELECT aniworld_defer_tickets(1, '{}')"
_ABORT: Final = sa.text(
    "SELECT procrastinate_cancel_job_v1(id, true, false) FROM procrastinate_jobs"
    " WHERE queue_name = 'aniworld' AND status = 'doing' AND worker_id IS NOT NULL"
    " AND args->>'item' = ANY(:items)"
)
_LEFT: Final = sa.text("SELECT count(*) FROM procrastinate_jobs WHERE id = ANY(:jobs)")

# It reports every job; what happens to items is reported by the worker.
logging.getLogger("procrastinate").setLevel(logging.WARNING)


@attrs.define(eq=False)
class PostgresTickets(TicketDispatcher):
    """Tickets of one database."""

    _database: Database
    _counter: "_Counter | None" = attrs.field(default=None, init=False)

    @property
    def wakes(self) -> bool:
        return True

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        failure: Exception | None = None
        async with _opened(self._database) as counter:
            await counter.begin()
            self._counter = counter
            try:
                async with anyio.create_task_group() as tasks:
                    counter.start(tasks)
                    # An error is raised as it is, not in a group: the tasks raise nothing.
                    try:
                        yield
                    except Exception as error:
                        failure = error
                    tasks.cancel_scope.cancel()
            finally:
                self._counter = None
                with anyio.CancelScope(shield=True), anyio.move_on_after(_END_WITHIN):
                    await counter.close()
        if failure is not None:
            raise failure

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Ticket | None]:
        counter = self._counter
        if counter is None:
            raise RuntimeError("tickets are taken outside of serving()")
        ticket = await counter.next()
        if ticket is None:
            yield None
            return
        try:
            yield ticket
        except BaseException:
            ticket.give_back()
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await counter.end(ticket)

    async def cancel(self, items: Collection[ItemId]) -> None:
        if not items:
            return
        given = {"items": list(items)}
        jobs = await self._database.write(lambda c: c.execute(_ABORT, given).scalars().all())
        asked = {"jobs": [job for job in jobs if job is not None]}
        if not asked["jobs"]:
            return
        with anyio.move_on_after(_CANCEL_WITHIN):
            while await self._database.read(lambda c: c.execute(_LEFT, asked).scalar_one()):  # noqa: ASYNC110 - the server tells nobody
                await anyio.sleep(_LOOK_EVERY)


@attrs.define(eq=False)
class _JobTicket(Ticket):
    """A job that this process has fetched."""

    job: int
    _hold: Callable[[int, ItemId, Callable[[], Awaitable[object]]], Awaitable[None]]
    is_held: bool = attrs.field(default=False, init=False)
    is_returned: bool = attrs.field(default=False, init=False)

    async def hold(self, item: ItemId, on_cancel: Callable[[], Awaitable[object]]) -> None:
        self.is_held = True
        await self._hold(self.job, item, on_cancel)

    def give_back(self) -> None:
        # An item that was claimed gets a ticket of its own when it becomes claimable again.
        self.is_returned = not self.is_held


@attrs.define(eq=False)
class _Counter:
    """Hands out the tickets of one process while its connections are open."""

    _database: Database
    _app: App
    _connector: PsycopgConnector
    #: Id of this process for procrastinate; `None` if it has to be registered.
    _worker: int | None = attrs.field(default=None, init=False)
    _turn: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    #: Set when there may be a job for this process.
    _woken: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    #: When to look without being woken, for jobs whose time has come.
    _look_at: float = attrs.field(default=0.0, init=False)
    _tasks: anyio.abc.TaskGroup | None = attrs.field(default=None, init=False)
    _cancels: dict[int, Callable[[], Awaitable[object]]] = attrs.field(factory=dict, init=False)
    #: Jobs that have ended, but could not be deleted yet.
    _ended: set[int] = attrs.field(factory=set, init=False)

    async def begin(self) -> None:
        """Register this process, and give tickets to items that have none."""
        with self._mapped():
            self._worker = await self._app.job_manager.register_worker()
        await self._reconcile()

    def start(self, tasks: anyio.abc.TaskGroup) -> None:
        """Listen, give signs of life and defer periodic jobs in a group of tasks."""
        self._tasks = tasks
        for work in (self._listen, self._live, self._defer_periodic):
            tasks.start_soon(_repeated, work)

    async def close(self) -> None:
        """Remove this process from those that live."""
        try:
            with self._mapped():
                await self._delete_ended()
                if self._worker is not None:
                    await self._app.job_manager.unregister_worker(self._worker)
        except AniworldError as error:
            logger.debug("cannot sign off from the tickets: %s", error)

    async def next(self) -> _JobTicket | None:
        """Wait for a ticket."""
        found: Job | None = None
        with anyio.move_on_after(_WAIT):
            async with self._turn:  # one lane asks the server, the others wait for it
                while found is None:
                    found = await self._looked()
        if found is None or found.id is None:
            return None
        return _JobTicket(found.id, self._hold)

    async def _looked(self) -> Job | None:
        """Look for a job if there may be one, otherwise wait until there may be one."""
        now = time.monotonic()
        if self._woken.is_set() or now >= self._look_at:
            self._woken = anyio.Event()
            # A job that was fetched must not be forgotten.
            with anyio.CancelScope(shield=True):
                found = await self._fetch()
            self._look_at = now + _WAIT if found is None else now
            return found
        with anyio.move_on_after(self._look_at - now):
            await self._woken.wait()
        return None

    async def end(self, ticket: _JobTicket) -> None:
        """End a ticket; nothing is raised, because the item has been settled."""
        self._cancels.pop(ticket.job, None)
        self._ended.add(ticket.job)
        try:
            with self._mapped(), anyio.fail_after(_END_WITHIN):
                if ticket.is_returned:
                    await self._connector.execute_query_async(_GIVE_BACK)
                await self._delete_ended()
        except (AniworldError, TimeoutError) as error:
            logger.debug("a ticket ends later: %s", error)

    async def _fetch(self) -> Job | None:
        """Return a job for a lane; do one that is for this process at once."""
        manager = self._app.job_manager
        with self._mapped():
            if self._worker is None:
                self._worker = await manager.register_worker()
            try:
                job = await manager.fetch_job([QUEUE], self._worker)
            except ConnectorException as error:
                if isinstance(error.__cause__, pg.ForeignKeyViolation):
                    self._worker = None  # it was silent for so long that others removed it
                raise
        if job is None or job.task_name != _RECONCILE_TASK:
            return job
        try:
            await self._reconcile()
        finally:
            if job.id is not None:
                self._ended.add(job.id)
        with self._mapped():
            await self._delete_ended()
        self._woken.set()
        return None

    async def _reconcile(self) -> None:
        """Remove the tickets of processes that are gone; fit the others to the items."""
        manager = self._app.job_manager
        with self._mapped():
            for job in await manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=_STALLED
            ):
                # It is not retried: the process may be slow only, and would end the second try.
                if job.id is not None:
                    self._ended.add(job.id)
            await self._delete_ended()
            await manager.prune_stalled_workers(_STALLED)
        await self._database.write(lambda c: c.exec_driver_sql(RECONCILE))

    async def _delete_ended(self) -> None:
        for job in tuple(self._ended):
            try:
                await self._app.job_manager.finish_job_by_id_async(
                    job_id=job, status=Status.SUCCEEDED, delete_job=True
                )
            except ConnectorException as error:
                if not isinstance(error.__cause__, pg.RaiseException):
                    raise  # otherwise another process has deleted it
            self._ended.discard(job)

    async def _hold(
        self, job: int, item: ItemId, on_cancel: Callable[[], Awaitable[object]]
    ) -> None:
        self._cancels[job] = on_cancel
        try:
            with self._mapped():
                await self._connector.execute_query_async(_HOLD, args={"item": item}, job=job)
        except AniworldError as error:
            logger.debug("no other process can cancel %s: %s", item, error)

    async def _listen(self) -> None:
        self._woken.set()
        await self._app.job_manager.listen_for_jobs(on_notification=self._notified, queues=[QUEUE])

    async def _notified(self, *, channel: str, notification: Notification) -> None:
        if notification["type"] == "job_inserted":
            self._woken.set()
        elif notification["type"] == "abort_job_requested":
            self._cancel([notification["job_id"]])

    def _cancel(self, jobs: Iterable[int]) -> None:
        for job in jobs:
            if self._tasks is not None and (call := self._cancels.pop(job, None)) is not None:
                self._tasks.start_soon(_called, call)

    async def _live(self) -> None:
        manager = self._app.job_manager
        while True:
            await anyio.sleep(_HEARTBEAT)
            if self._worker is not None:
                await manager.update_heartbeat(self._worker)
            await self._delete_ended()
            # Requests that were not heard.
            self._cancel(await manager.list_jobs_to_abort_async(QUEUE))

    async def _defer_periodic(self) -> None:
        await PeriodicDeferrer(registry=self._app.periodic_registry).worker()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        with mapped_errors(str(self._database.location)):
            try:
                yield
            except ConnectorException as error:
                cause = error.__cause__
                if isinstance(cause, psycopg.Error):
                    raise cause from error
                raise psycopg.OperationalError(str(error)) from error


async def _called(call: Callable[[], Awaitable[object]]) -> None:
    await call()


async def _repeated(work: Callable[[], Awaitable[None]]) -> None:
    """Do the work again after the server was away."""
    while True:
        try:
            await work()
        except (ConnectorException, psycopg.Error) as error:
            logger.debug("the server of the tickets is away: %s", error)
        await anyio.sleep(_RETRY)


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[_Counter]:
    connector = PsycopgConnector(
        kwargs=database.driver_options(), min_size=1, max_size=_CONNECTIONS, name="tickets"
    )
    app = App(connector=connector)

    @app.periodic(cron=_EVERY_MINUTE)
    @app.task(name=_RECONCILE_TASK, queue=QUEUE, queueing_lock=_RECONCILE_TASK, priority=1)
    async def reconcile(timestamp: int) -> None:
        """The counter that fetches the job does the work."""

    try:
        with mapped_errors(str(database.location)):
            await app.open_async()
        yield _Counter(database, app, connector)
    finally:
        with anyio.CancelScope(shield=True):
            await app.close_async()
