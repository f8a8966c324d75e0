"""Numbers of bytes as people write them: `500K`, `2M`, `1.5 GiB`, `2 MB/s`, `20 Mbit/s`."""

import re
from typing import Final

_AMOUNT: Final = re.compile(
    r"(?P<amount>\d{1,15}(?:\.\d{1,6})?) ?(?P<unit>[kmgt]?)(?P<binary>i?)"
    r"(?:(?P<bits>bits?|(?-i:b)(?=ps))|b|bytes?)?(?:/s|ps)?",
    re.IGNORECASE | re.ASCII,
)
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_amount(text: str) -> float | None:
    """Return the number of bytes, or of bytes per second; `None` if the text is no such number.

    `bit` is an eighth of a byte, and so is `b` in `Mbps`. `K`, `M`, `G` and `T` are powers of 1000,
    `Ki`, `Mi`, `Gi` and `Ti` powers of 1024 (IEC 80000).
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or (match["binary"] and not match["unit"]):
        return None
    base = 1024 if match["binary"] else 1000
    amount = float(match["amount"]) * float(base ** _POWERS[match["unit"].lower()])
    return amount / 8 if match["bits"] else amount
