"""Databases with random damage."""

import random
from pathlib import Path


def spoil(path: Path, chance: random.Random) -> None:
    """Damage the database in one of several ways."""
    content = bytearray(path.read_bytes())
    match chance.randrange(5):
        case 0:
            for _ in range(chance.randint(1, 64)):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        case 1:
            del content[chance.randrange(len(content)) :]
        case 2:
            content[:4096] = bytes(4096)
        case 3:
            wal = path.with_name(path.name + "-wal")
            wal.write_bytes(chance.randbytes(chance.randint(0, 9000)))
        case _:
            start = chance.randrange(len(content))
            content[start : start + 8192] = chance.randbytes(len(content[start : start + 8192]))
    path.write_bytes(content)
