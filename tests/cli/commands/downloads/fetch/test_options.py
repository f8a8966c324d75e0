"""Parsing of the options of `aniworld fetch`."""

import pytest

from aniworld_cli.commands.downloads.fetch.options import read_headers, read_rate
from aniworld_core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        (None, 0),
        ("0", 0),
        ("1500", 1500),
        ("500K", 500_000),
        ("500 kB/s", 500_000),
        ("2M", 2_000_000),
        ("1.5MiB/s", 1_572_864),
        ("1G", 1_000_000_000),
        ("64ki", 65_536),
        ("20Mbit/s", 2_500_000),
        ("20 mbits", 2_500_000),
        ("20Mbps", 2_500_000),
        ("20MBps", 20_000_000),
        ("1Kibit/s", 128),
    ],
)
def test_rates_have_units(text: str | None, rate: int) -> None:
    """Rates accept decimal and binary units."""
    assert read_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "M", "-5K", "1e6", "5X", "0.1", "5 M B", "2000G", "9" * 15 + "G", "9" * 99]
)
def test_other_rates_are_refused(text: str) -> None:
    """Text that is not a rate is refused."""
    with pytest.raises(UsageError):
        read_rate(text)


def test_a_refused_header_keeps_its_value_to_itself() -> None:
    """The error for an invalid header does not contain its value."""
    with pytest.raises(UsageError) as refused:
        read_headers(["Bad Name=topsecret"])

    assert "topsecret" not in str(refused.value)
