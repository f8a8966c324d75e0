"""Download a long queue while workers are killed, hosts cut off and the database is away."""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from audit import AUDITED, Verdict, elsewhere, judge_files, judge_items
from cluster import SLOTS, Cluster, Member, open_cluster, rows
from hosts import Network

#: Seconds of a cut.
CUT = 20
#: Seconds until a killed worker is started again: longer than its items may wait.
AWAY = 75
RATE = 32 * 1024
_COUNT = "SELECT count(*) FROM download_queue_item WHERE status = 'completed'"
_ITEMS = "SELECT id, status, serie_name, season, episode FROM download_queue_item"


@attrs.define
class Outcome:
    """What a run showed."""

    verdict: Verdict = attrs.field(factory=Verdict)
    items: int = 0
    seconds: float = 0.0
    kills: int = 0
    restarts: int = 0
    cuts: int = 0
    outage: float = 0.0
    ended: int = 0
    moved: list[float] = attrs.field(factory=list)
    cancelled: list[float] = attrs.field(factory=list)
    resumed: float = 0.0

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Return lines of the table."""
        v = self.verdict
        yield "items done", f"{v.done:,}", f"{self.items:,}"
        yield "items or files lost", f"{len(v.lost)}", "0"
        yield "items done twice", f"{len(v.twice)}", "0"
        yield "films sent again after they were in the library", f"{len(v.fetched_twice)}", "0"
        yield "damaged files", f"{len(v.damaged)}", "0"
        yield "files left over", f"{len(v.surplus)}", "0"
        yield "workers killed", f"{self.kills}", ""
        yield "workers that ended by themselves", f"{self.ended}", "0"
        yield "immediate restarts of the database", f"{self.restarts}", ""
        yield "cuts of 20 s, of a host or of its way to the database", f"{self.cuts}", ""
        yield "seconds without the database", f"{self.outage:.0f}", ""
        yield "next item done after that, s", f"{self.resumed:.1f}", ""
        worst = max(self.moved, default=0.0)
        yield "item of a killed worker claimed elsewhere, longest s", f"{worst:.1f}", "< 60"
        worst = f"{max(self.cancelled):.2f}" if self.cancelled else "refused"
        yield "cancel reaches another host, longest s", worst, "< 1"
        yield "MiB sent more than once", f"{v.again / 2**20:.1f}", ""
        yield "minutes", f"{self.seconds / 60:.1f}", ""

    def mistakes(self) -> dict[str, list[str]]:
        """Return what went wrong by kind."""
        found = attrs.asdict(self.verdict)
        return {name: each for name, each in found.items() if isinstance(each, list) and each}


@attrs.define(eq=False)
class Faults:
    """Makes the faults of one run."""

    cluster: Cluster
    workers: list[Member]
    chance: random.Random
    outcome: Outcome
    killed: list[tuple[float, str]] = attrs.field(factory=list)
    pending: set[asyncio.Task[None]] = attrs.field(factory=set)
    #: Whether the database is there.
    up: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def kill(self) -> None:
        """Kill a worker, and start it again when its items have moved."""
        worker = self.chance.choice([each for each in self.workers if each.process])
        held = await worker.holds(self.cluster.url)
        await worker.kill()
        self.killed += [(time.time(), item) for item in held]
        self.outcome.kills += 1
        self._later(AWAY, worker.start)

    async def restart(self) -> None:
        """Restart the database without letting it finish anything."""
        self.up.clear()
        await asyncio.to_thread(self.cluster.database.control, "restart", "-m", "immediate")
        self.up.set()
        self.outcome.restarts += 1

    async def cut(self) -> None:
        """Cut a host off, in turns from everything and from the database only."""
        host = self.chance.choice(self.cluster.network.hosts)
        self.outcome.cuts += 1
        if self.outcome.cuts % 2:
            host.cut_off()
            await asyncio.sleep(CUT)
            host.connect()
        else:
            with host.without(self.cluster.database.port):
                await asyncio.sleep(CUT)

    async def outage(self) -> None:
        """Stop the database, and start it again after a while."""
        self.up.clear()
        await asyncio.to_thread(self.cluster.database.control, "stop", "-m", "fast")
        await asyncio.sleep(self.outcome.outage)
        await asyncio.to_thread(self.cluster.database.control, "start")
        self.up.set()
        begun, before = time.monotonic(), await self.done()
        while await self.done() == before:
            await asyncio.sleep(0.2)
        self.outcome.resumed = time.monotonic() - begun

    async def done(self) -> int:
        return (await rows(self.cluster.url, _COUNT))[0][0]

    def _later(self, seconds: float, start: Callable) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await self.up.wait()
            await start()

        task = asyncio.create_task(wait())
        self.pending.add(task)
        task.add_done_callback(self.pending.discard)


async def run_faults(
    folder: Path, network: Network, given: argparse.Namespace, chance: random.Random
) -> Outcome:
    """Run a cluster with faults until its queue is done, and judge it."""
    outcome = Outcome(items=given.items, outage=given.outage)
    size = given.size * 1024
    async with open_cluster(folder, network, items=given.items, size=size, rate=RATE) as cluster:
        workers = [
            cluster.member(
                f"worker-{number}",
                network.hosts[number % len(network.hosts)],
                *("worker", "--slots", f"{SLOTS}"),
                skewed=number == 0,
            )
            for number in range(given.workers)
        ]
        begun = time.monotonic()
        await cluster.member("scheduler", network.hosts[0], "scheduler").start()
        for worker in workers:
            await worker.start()
        faults = Faults(cluster, workers, chance, outcome)
        faults.up.set()
        await _work_with_faults(faults, given)
        outcome.seconds = time.monotonic() - begun
        for task in list(faults.pending):
            task.cancel()
        outcome.ended = sum(worker.ended for worker in workers)
        audit = await rows(cluster.url, AUDITED)
        items = {
            item: (status, f"{name}/S{season:02}E{episode:03}")
            for item, status, name, season, episode in await rows(cluster.url, _ITEMS)
        }
        outcome.verdict = judge_items(items, audit)
        outcome.verdict.lost += ["an item"] * (given.items - len(items))
        moved = (elsewhere(audit, item, at) for at, item in faults.killed)
        outcome.moved = [each for each in moved if each is not None]
        judge_files(
            outcome.verdict, cluster.library, cluster.clip, size, given.items, await cluster.sent()
        )
        outcome.cancelled = await _cancel(cluster)
    return outcome


async def _work_with_faults(faults: Faults, given: argparse.Namespace) -> None:
    plan = [faults.kill] * given.kills + [faults.restart] * given.restarts
    plan += [faults.cut] * given.cuts + [faults.outage] * bool(given.outage)
    faults.chance.shuffle(plan)
    last, moved = -1, time.monotonic()
    while (done := await faults.done()) < given.items:
        for worker in faults.workers:
            await worker.revive()
        if done != last:
            last, moved = done, time.monotonic()
            print(f"\r{done} of {given.items}, {len(plan)} faults to come", end="", file=sys.stderr)
        if time.monotonic() - moved > 180:
            print("\nnothing was completed for 3 minutes", file=sys.stderr)
            return
        # Faults are spread over nine tenths of the work.
        total = given.kills + given.restarts + given.cuts + bool(given.outage)
        if plan and done >= (total - len(plan)) * 0.9 * given.items / total:
            fault = plan.pop()
            print(f"\n{fault.__name__}", end="", file=sys.stderr)
            await fault()
            moved = time.monotonic()
        await asyncio.sleep(0.2)
    print(file=sys.stderr)


async def _cancel(cluster: Cluster, times: int = 5) -> list[float]:
    """Return the seconds from the cancellation of items until their transfers end."""
    ids = await cluster.add("Slow", times)
    found = []
    query = "SELECT season, episode FROM download_queue_item WHERE id = %s"
    for item in ids:
        ((season, episode),) = await rows(cluster.url, query, item)
        path = f"Slow/S{season:02}E{episode:03}"
        await _sending(cluster, path)
        begun = time.time()
        try:
            await cluster.ask("DELETE", f"api/queue/{item}")
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return []
        async with asyncio.timeout(30):
            while not (ends := [e for p, *_, e in await cluster.sent() if p == path and e]):
                await asyncio.sleep(0.05)
        found.append(max(ends) - begun)
    return found


async def _sending(cluster: Cluster, path: str) -> None:
    async with asyncio.timeout(60):
        while not any(p == path and sent for p, _, sent, *_ in await cluster.sent()):
            await asyncio.sleep(0.05)
