"""Compare the library with the disk: survey, match, guard against losses, report."""

from collections.abc import Sequence

import attrs

from aniworld_core.application.library.deletions import note_deletions
from aniworld_core.application.library.scans.file_checks import FileChecks, as_message
from aniworld_core.application.library.scans.loss_guard import guarded_losses
from aniworld_core.application.library.scans.placing import FolderPlacing
from aniworld_core.application.library.scans.run import ScanRun
from aniworld_core.application.library.scans.state import ScanContext, ScanOptions
from aniworld_core.application.library.scans.surveying import Survey
from aniworld_core.application.library.scans.writes import ScanWrites
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import DeletedFile, FileState, LibraryLoss, LibraryRoot
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.messages import Message


@attrs.frozen(kw_only=True)
class Compared:
    """The library after a scan; the fields are those of `ScanReport`."""

    series: int
    files: int
    missing: int
    extra: tuple[str, ...]
    unreadable: dict[str, str]
    unsure: dict[str, str]
    counts: dict[FileState, int]
    losses: tuple[LibraryLoss, ...]
    growing: tuple[str, ...]
    deleted: tuple[DeletedFile, ...]


@attrs.define(eq=False, kw_only=True)
class Comparison:
    """One scan of the disk: `begin`, `settle` for every series, `finish`.

    Attributes:
        due: Series whose folders changed.
    """

    _context: ScanContext
    _options: ScanOptions
    due: set[SeriesKey] = attrs.field(factory=set, init=False)
    _run: ScanRun = attrs.field(init=False)
    _count: int = attrs.field(default=0, init=False)

    async def begin(self) -> None:
        """Read the changed folders.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If no library folder can be read, or the only one looks
                unmounted; nothing is changed.
        """
        roots = await self._context.library.roots()
        if all(root.problem for root in roots):
            await self._refuse(roots)
        folders = await self._context.series.folders()
        self._count = len(folders)
        checks = FileChecks(
            library=self._context.library, clock=self._context.clock, is_full=self._options.full
        )
        survey = Survey(
            library=self._context.library,
            files=self._context.files,
            checks=checks,
            clock=self._context.clock,
        )
        surveyed = await survey.look(
            roots, folders, is_full=self._options.full, only=self._options.only
        )
        if len(roots) == 1 and not surveyed.with_files and not self._options.accept_loss:
            await self._refuse_emptied(roots[0])
        self._run = ScanRun(
            context=self._context,
            checks=checks,
            placing=FolderPlacing(self._context.library, self._context.series, folders),
            folders=folders,
            surveyed=surveyed,
            writes=ScanWrites(self._context.series, self._context.files),
        )
        self.due = await self._run.begin()

    async def settle(self, series: Sequence[Series]) -> None:
        """Match series with their folders, and store the results."""
        if series:
            await self._run.settle(series)
            await self.flush()

    async def flush(self) -> None:
        """Store the results so far."""
        await self._run.writes.flush()

    async def finish(self) -> Compared:
        """Decide about files that are gone, store the rest, and return the result."""
        losses = await self._losses()
        guarded = {loss.path for loss in losses if loss.path in self._root_names}
        self._run.finish(guarded)
        await self.flush()
        await self._store_losses(losses)
        return await self._compared(await self._deletions())

    async def _deletions(self) -> tuple[DeletedFile, ...]:
        """Store which files are gone on purpose; return all about which nobody has decided."""
        now = self._context.clock.now()
        noted = [
            DeletedFile(episode=episode, path=path, noted_at=now)
            for episode, path in self._run.deleted
        ]
        return tuple(await note_deletions(self._context.files, self._context.series, noted))

    @property
    def _root_names(self) -> set[str]:
        return {root.name for root in self._run.surveyed.roots}

    async def _losses(self) -> list[LibraryLoss]:
        run = self._run
        roots = run.surveyed.roots
        is_due = run.lost or any(
            root.problem or root.name not in run.surveyed.with_files for root in roots
        )
        found: list[LibraryLoss] = []
        if is_due:
            known = await self._context.series.file_counts([root.name for root in roots])
            guarded = guarded_losses(
                roots,
                known=known,
                lost=run.lost,
                with_files=run.surveyed.with_files,
                at=self._context.clock.now(),
            )
            problems = {root.name for root in roots if root.problem}
            found += (
                loss
                for name, loss in guarded.items()
                if name in problems or not self._options.accept_loss
            )
        found += (
            LibraryLoss(
                path=path,
                reason=Message("cannot_be_read", reason=run.unreadable.get(path, "")),
                lost=count,
                known=count,
                noted_at=self._context.clock.now(),
            )
            for path, count in run.closed.items()
        )
        return found

    async def _store_losses(self, losses: Sequence[LibraryLoss]) -> None:
        """Store the losses; those noted before keep their time, those not looked at stay."""
        before = {loss.path: loss for loss in await self._context.files.losses()}
        stored = {
            loss.path: attrs.evolve(loss, noted_at=before[loss.path].noted_at)
            if loss.path in before
            else loss
            for loss in losses
        }
        if self._options.only is not None and not self._options.accept_loss:
            stored = before | stored
        if stored != before:
            await self._context.files.save_losses(list(stored.values()))

    async def _refuse(self, roots: Sequence[LibraryRoot]) -> None:
        known = await self._context.series.file_counts([root.name for root in roots])
        losses = guarded_losses(
            roots, known=known, lost={}, with_files=(), at=self._context.clock.now()
        )
        await self._store_losses(list(losses.values()))
        first = roots[0]
        raise LibraryUnavailableError(first.path, first.problem or "")

    async def _refuse_emptied(self, root: LibraryRoot) -> None:
        known = await self._context.series.file_counts([root.name])
        if not known[root.name]:
            return
        losses = guarded_losses(
            [root], known=known, lost={}, with_files=(), at=self._context.clock.now()
        )
        await self._store_losses(list(losses.values()))
        raise LibraryUnavailableError(
            root.path,
            Message("library_emptied", episodes=known[root.name]),
            hint=Message("library_emptied.hint"),
        )

    async def _outside_links(self) -> dict[str, str]:
        """Return the links that lead outside all roots: a person has to decide about them."""
        ignored = await self._context.files.with_reason("link_outside")
        return {file.path: file.reason or "" for file in ignored}

    async def _compared(self, deleted: tuple[DeletedFile, ...]) -> Compared:
        run = self._run
        counts = await self._context.files.counts()
        problems = await self._context.files.find([FileState.DAMAGED, FileState.UNSURE])
        damaged = [file for file in problems.items if file.state is FileState.DAMAGED]
        unreadable = dict(run.unreadable) | await self._outside_links()
        unreadable |= {
            root.path: as_message(root.problem) for root in run.surveyed.roots if root.problem
        }
        unreadable |= {file.path: file.reason or "" for file in damaged}
        extra = await self._context.files.paths([FileState.EXTRA])
        return Compared(
            series=self._count,
            files=sum(n for state, n in counts.items() if state is not FileState.IGNORED),
            missing=await self._context.series.missing_count(),
            extra=tuple(path for path in extra if path not in unreadable),
            unreadable=dict(sorted(unreadable.items())),
            unsure={f.path: f.reason or "" for f in problems.items if f.state is FileState.UNSURE},
            counts=dict(counts),
            losses=tuple(await self._context.files.losses()),
            growing=tuple(sorted(run.surveyed.growing)),
            deleted=deleted,
        )
