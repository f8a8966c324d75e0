"""Put wanted moves together to a plan: refuse collisions, find folders to create and to remove."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    EpisodeFileChange,
    FileChange,
    FileStamp,
    FoundEntry,
    Refusal,
    fold_name,
)
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations

_LONGEST_NAME: Final = 255


@attrs.frozen(kw_only=True)
class WantedFiles:
    """A video with its companions and where they shall go; refused or accepted as a whole.

    Attributes:
        files: Present path → wanted path; the video comes first.
        action: Move, copy or link.
        replaces: Present files of the episode that go to the recycle bin.
        is_staged: Whether the files come from a staging folder.
    """

    files: Mapping[str, str]
    action: ChangeAction = ChangeAction.MOVE
    episodes: tuple[EpisodeFileChange, ...] = ()
    replaces: tuple[str, ...] = ()
    is_staged: bool = False

    @property
    def video(self) -> str:
        """The present path of the video."""
        return next(iter(self.files))

    @property
    def moving(self) -> dict[str, str]:
        """The files whose path changes."""
        return {source: target for source, target in self.files.items() if source != target}


@attrs.define(eq=False)
class _Disk:
    """Names and entries that the plan depends on, read once."""

    entries: Mapping[str, FoundEntry | None]
    names: Mapping[str, Mapping[str, str]]  #: folder → folded name → name

    def taken(self, path: str) -> str | None:
        """Return the path of the entry that has this name, or one that only differs in case."""
        place = PurePosixPath(path)
        name = self.names[str(place.parent)].get(fold_name(place.name))
        return None if name is None else str(place.with_name(name))

    def stamp(self, path: str) -> FileStamp | None:
        """Return the stamp of a regular file."""
        entry = self.entries.get(path)
        return entry.stamp if entry else None


async def assembled(
    files: FileOperations,
    *,
    origin: ChangeOrigin,
    title: str,
    wanted: Sequence[WantedFiles],
    refusals: Iterable[Refusal] = (),
    kept_folders: Iterable[str] = (),
) -> ChangePlan:
    """Return the plan of these moves, checked against the present files.

    Args:
        files: Reads the state of files.
        origin: What the plan is made for.
        title: What is changed, for people.
        wanted: The moves, in the order in which they are shown.
        refusals: Files that are refused already.
        kept_folders: Folders that stay even if nothing is left in them.
    """
    moving = [group for group in wanted if group.moving or group.replaces]
    disk = await _read(files, moving)
    accepted, refused = _accepted(moving, disk)
    return ChangePlan(
        origin=origin,
        title=title,
        changes=tuple(_changes(files, accepted, disk)),
        refusals=(*refusals, *refused),
        episodes=tuple(episode for group in accepted for episode in group.episodes),
        new_folders=await _new_folders(files, accepted),
        emptied_folders=await _emptied(files, accepted, disk, set(kept_folders)),
        unchanged=len(wanted) - len(moving),
    )


async def _read(files: FileOperations, groups: Sequence[WantedFiles]) -> _Disk:
    sources = {source for group in groups for source in (*group.files, *group.replaces)}
    targets = {target for group in groups for target in group.moving.values()}
    folders = {str(PurePosixPath(path).parent) for path in sources | targets}
    names = {
        folder: {fold_name(name): name for name in await files.names(folder)}
        for folder in sorted(folders)
    }
    present = {
        str(PurePosixPath(target).with_name(names[str(PurePosixPath(target).parent)][folded]))
        for target in targets
        if (folded := fold_name(PurePosixPath(target).name))
        in names[str(PurePosixPath(target).parent)]
    }
    return _Disk(await files.look(sorted(sources | present)), names)


def _accepted(
    groups: Sequence[WantedFiles], disk: _Disk
) -> tuple[Sequence[WantedFiles], Sequence[Refusal]]:
    """Divide groups; a refused group stays in place and may be in the way of others."""
    refused: dict[int, Refusal] = {}
    counts = Counter(fold_name(t) for group in groups for t in group.moving.values())
    while True:
        open_groups = [(n, g) for n, g in enumerate(groups) if n not in refused]
        leaving = {
            source for _, group in open_groups for source in (*_vacated(group), *group.replaces)
        }
        found = {
            number: problem
            for number, group in open_groups
            if (problem := _problem(group, disk, leaving, counts))
        }
        if not found:
            return [group for _, group in open_groups], list(refused.values())
        refused |= found


def _vacated(group: WantedFiles) -> Iterable[str]:
    return group.moving if group.action is ChangeAction.MOVE else ()


def _problem(
    group: WantedFiles, disk: _Disk, leaving: set[str], counts: Mapping[str, int]
) -> Refusal | None:
    """Return why a group cannot move, if so."""
    for source, target in group.moving.items():
        name = PurePosixPath(target).name
        reason = None
        entry = disk.entries.get(source)
        if entry is None:
            reason = Message("file_vanished")
        elif entry.stamp is None:
            reason = Message("is_link" if entry.is_link else "not_a_regular_file")
        elif len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
            reason = Message("name_too_long", limit=_LONGEST_NAME)
        elif counts[fold_name(target)] > 1:
            reason = Message("name_wanted_twice", name=name)
        else:
            holder = disk.taken(target)
            if holder is not None and holder not in leaving:
                reason = Message("name_taken", name=PurePosixPath(holder).name)
        if reason is not None:
            return Refusal(path=source, target=target, reason=reason)
    return None


def _changes(
    files: FileOperations, groups: Sequence[WantedFiles], disk: _Disk
) -> Iterable[FileChange]:
    for group in groups:
        targets = set(group.moving.values())
        for path in group.replaces:
            if path not in targets:
                yield FileChange(
                    action=ChangeAction.BIN,
                    source=path,
                    stamp=disk.stamp(path),
                    bin=files.bin_folder(path),
                )
        for source, target in group.moving.items():
            replaced = disk.stamp(target) if target in group.replaces else None
            yield FileChange(
                action=_action(group, source, target, is_replacement=replaced is not None),
                source=source,
                target=target,
                stamp=disk.stamp(source),
                replaces=replaced,
                is_staged=group.is_staged,
                bin=files.bin_folder(target),
            )


def _action(group: WantedFiles, source: str, target: str, *, is_replacement: bool) -> ChangeAction:
    if group.action is not ChangeAction.MOVE:
        return group.action
    if is_replacement:
        return ChangeAction.REPLACE
    is_rename = PurePosixPath(source).parent == PurePosixPath(target).parent
    return ChangeAction.RENAME if is_rename else ChangeAction.MOVE


async def _new_folders(files: FileOperations, groups: Sequence[WantedFiles]) -> tuple[str, ...]:
    folders = {
        str(parent)
        for group in groups
        for target in group.moving.values()
        for parent in PurePosixPath(target).parents
        if str(parent) not in {".", "/"}
    }
    found = await files.look(sorted(folders))
    missing = [folder for folder, entry in found.items() if entry is None]
    return tuple(sorted(missing, key=lambda folder: (folder.count("/"), folder)))


async def _emptied(
    files: FileOperations, groups: Sequence[WantedFiles], disk: _Disk, kept: set[str]
) -> tuple[str, ...]:
    """Return the folders that nothing is left in, children first."""
    leaving: defaultdict[str, set[str]] = defaultdict(set)
    arriving: set[str] = set()
    for group in groups:
        for source in (*_vacated(group), *group.replaces):
            leaving[str(PurePosixPath(source).parent)].add(PurePosixPath(source).name)
        for target in group.moving.values():
            arriving.update(str(parent) for parent in PurePosixPath(target).parents)
    emptied: list[str] = []
    waiting = sorted(leaving, key=lambda folder: -folder.count("/"))
    while waiting:
        folder = waiting.pop(0)
        if folder in kept or folder in arriving or folder in {".", "/"} or folder in emptied:
            continue
        names = disk.names.get(folder)
        present = set(names.values()) if names is not None else set(await files.names(folder))
        if not present <= leaving[folder]:
            continue
        emptied.append(folder)
        parent = str(PurePosixPath(folder).parent)
        leaving[parent].add(PurePosixPath(folder).name)
        waiting.append(parent)
    return tuple(emptied)
