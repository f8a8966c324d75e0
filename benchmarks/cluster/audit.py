"""What happened to each item, written by the database itself, and what it means."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import attrs
from films import PER_SERIES, episode_code, film, series_name

#: Notes each change of the status or of the worker of an item, in its transaction.
AUDIT = """
CREATE TABLE audit (
    number bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    item text NOT NULL, status text NOT NULL, worker text, former text NOT NULL
);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (item, status, worker, former)
        VALUES (new.id, new.status, new.claim_worker, old.status);
    RETURN NULL;
END $$;
CREATE TRIGGER audited AFTER UPDATE ON download_queue_item FOR EACH ROW
    WHEN (old.status <> new.status OR old.claim_worker IS DISTINCT FROM new.claim_worker)
    EXECUTE FUNCTION audit();
"""
Entry = tuple[str, str, str | None, float]
AUDITED = "SELECT item, status, worker, extract(epoch FROM at)::float8 FROM audit ORDER BY number"


@attrs.define
class Verdict:
    """Counts at the end of a run; all but `done` and `again` must be 0.

    Attributes:
        done: Items completed.
        lost: Items that are not completed, or whose file is missing.
        twice: Items completed more than once, or claimed after their completion.
        fetched_twice: Films that were sent again after they were in the library.
        damaged: Files with wrong bytes.
        surplus: Files that no item stands for, unfinished ones included.
        again: Bytes that were sent more than once.
    """

    done: int = 0
    lost: list[str] = attrs.field(factory=list)
    twice: list[str] = attrs.field(factory=list)
    fetched_twice: list[str] = attrs.field(factory=list)
    damaged: list[str] = attrs.field(factory=list)
    surplus: list[str] = attrs.field(factory=list)
    again: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled or damaged."""
        return not any((self.lost, self.twice, self.fetched_twice, self.damaged, self.surplus))


def judge_items(items: dict[str, tuple[str, str]], audit: Sequence[Entry]) -> Verdict:
    """Judge the items.

    Args:
        items: Status and film of each item that was queued.
        audit: What happened to them.
    """
    verdict = Verdict(done=sum(status == "completed" for status, _ in items.values()))
    verdict.lost = [film for status, film in items.values() if status != "completed"]
    completions = Counter(item for item, status, *_ in audit if status == "completed")
    last = {item: status for item, status, *_ in audit}
    verdict.twice = [
        film
        for item, (_, film) in items.items()
        if completions[item] > 1 or (completions[item] and last[item] != "completed")
    ]
    return verdict


def judge_files(
    verdict: Verdict,
    library: Path,
    clip: bytes,
    size: int,
    count: int,
    sent: Sequence[tuple[str, int, int, float, float]],
) -> None:
    """Compare the library with the films of the origin, and with what it sent."""
    hits = defaultdict(list)
    for path, start, length, begun, _ in sent:
        hits[path].append((start, length, begun))
    found = {}
    for path in library.rglob("*"):
        if path.is_file() and path.suffix in {".mp4", ".part"}:
            found[_name(path)] = path
    for index in range(count):
        series, episode = index // PER_SERIES, index % PER_SERIES + 1
        name = f"{series_name(series)}/{episode_code(episode)}"
        path = found.pop(name, None)
        if path is None:
            verdict.lost.append(f"file {name}")
            continue
        number = series * PER_SERIES + episode
        if _digest(path.read_bytes()) != _digest(film(clip, size, number)):
            verdict.damaged.append(name)
        stored = path.stat().st_ctime
        if any(begun > stored for _, _, begun in hits[name]):
            verdict.fetched_twice.append(name)
        verdict.again += sum(length for _, length, _ in hits[name]) - size
    verdict.surplus = sorted(found)


def elsewhere(audit: Sequence[Entry], item: str, killed: float) -> float | None:
    """Return the seconds from the kill of its worker until another one claimed an item."""
    holder = None
    for name, _, worker, at in audit:
        if name != item:
            continue
        if at <= killed:
            holder = worker
        elif worker is not None and worker != holder:
            return at - killed
    return None


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data).digest()


def _name(path: Path) -> str:
    code = next((part for part in path.name.replace(".", " ").split() if part[:4] == "S01E"), "")
    series = next((part for part in path.parts if part.startswith("Series ")), path.parent.name)
    number = code[4:]
    is_film = path.suffix == ".mp4" and number.isdigit()
    return f"{series}/S01E{int(number):03}" if is_film else str(path)
