"""Names that lead out of a folder, end a line, or mean something to a shell."""

import random
import unicodedata

PIECES = (
    *["..", ".", "/", "\\", "../", "..\\", "~", "%2e%2e%2f", "\x00", "\n", "\r\n", "\x1b[31m"],
    *["\u202e", "\u200b", "\u200d", "\ufeff", "\u2028", "\u0085", "\ud800", "\udfff", "\u0301"],
    *["con", "CON", "nul", "COM1", "com¹", "LPT9", "AUX", "CONIN$", ".txt", ":", "|", "?", "*"],
    *["<", ">", '"', "'", " ", "  ", "-", "--", "-rf", "$(id)", "`id`", ";", "&", "ä", "a\u0308"],
    *["進撃の巨人", "🇩🇪", "👍🏽", "ß", "İ", "\u2024\u2024", "\uff0e\uff0e\uff0f", "C:", "x" * 90],
)


def hostile_names(count: int, seed: int = 20260101) -> list[str]:
    """Return names spliced from pieces that mean something to a file system or a shell."""
    draw = random.Random(seed)
    return ["".join(draw.choices(PIECES, k=draw.randint(1, 12))) for _ in range(count)]


def assert_harmless(name: str, max_bytes: int = 200) -> None:
    """Check that a name is one harmless path component."""
    assert name not in {"", ".", ".."}
    assert not set(name) & set('<>:"/\\|?*')
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert len(name.encode()) <= max_bytes
    assert unicodedata.is_normalized("NFC", name)
    stem = name.partition(".")[0].rstrip().upper()
    assert stem not in {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    assert not (stem[:3] in {"COM", "LPT"} and len(stem) == 4 and stem[3] in "123456789¹²³")
