"""The fault table of streams: what can happen between two tries, and must come to."""

from aniworld_core.errors import LibraryUnavailableError
from providers.faults.edits import (
    each,
    folder_at,
    header,
    identity,
    link_at,
    noted,
    pipe_at,
    resized,
    scribbled,
    without,
    written,
)
from providers.faults.hls_case import Row, case_of, interrupted
from providers.faults.hls_faults import becomes, encrypted

_TAKEN = LibraryUnavailableError

ROWS: dict[str, Row] = {
    "goes-on": interrupted("F1"),
    # F9: another film behind the same link, or the same behind another
    "changed-to-the-same-identity": interrupted("F9", then=becomes("other"), film="other"),
    "changed-to-another-size": interrupted("F9", then=becomes("wide"), film="wide"),
    "changed-to-another-length": interrupted("F9", then=becomes("short"), film="short"),
    "changed-to-encrypted": interrupted("F9", then=encrypted()),
    "another-link-to-the-same": interrupted("F13", again="ts/media.m3u8?token=2"),
    "another-link-to-another": interrupted("F13", again="other/media.m3u8", film="other"),
    # F3: what a power loss or an editor leaves behind
    "part-flipped": interrupted("F3", edit=written(20_000, bytes(100))),
    "part-zeroed": interrupted("F3", edit=written(0, bytes(60_000))),
    "part-cut": interrupted("F3", edit=resized("", 0.5)),
    "part-longer": interrupted("F3", edit=resized("", 3.0)),
    "part-empty": interrupted("F3", edit=resized("", 0.0)),
    "part-gone": interrupted("F3", edit=without("")),
    "part-is-a-folder": interrupted("F3", edit=folder_at(""), error=_TAKEN),
    "part-is-a-link": interrupted("F3", edit=link_at(""), error=_TAKEN),
    "part-is-a-pipe": interrupted("F3", edit=pipe_at(""), error=_TAKEN),
    "ledger-gone": interrupted("F3", edit=without(".ledger")),
    "ledger-torn": interrupted("F3", edit=resized(".ledger", 0.7)),
    "ledger-empty": interrupted("F3", edit=resized(".ledger", 0.0)),
    "ledger-is-noise": interrupted("F3", edit=scribbled(".ledger")),
    "ledger-is-a-folder": interrupted("F3", edit=folder_at(".ledger"), error=_TAKEN),
    "ledger-is-a-link": interrupted("F3", edit=link_at(".ledger"), error=_TAKEN),
    "ledger-is-a-pipe": interrupted("F3", edit=pipe_at(".ledger"), error=_TAKEN),
    "ledger-of-another-version": interrupted("F3", edit=header(ledger=99)),
    "ledger-of-a-file": interrupted("F3", edit=identity(kind="direct", size=5)),
    "ledger-of-another-film": interrupted("F3", edit=identity(digest="0" * 64)),
    "ledger-names-another-place": interrupted("F3", edit=each(at="1+2")),
    "ledger-names-a-huge-place": interrupted("F3", edit=each(at=f"{10**30}+5")),
    "ledger-names-a-huge-length": interrupted("F3", edit=each(at=f"0+{10**30}")),
    "ledger-names-a-negative-place": interrupted("F3", edit=each(at="-5+9")),
    "ledger-names-nothing": interrupted("F3", edit=each(at="", crc=0)),
    "ledger-counts-wrongly": interrupted(
        "F3", edit=noted(lambda records: [r.update(i=r["i"] + 1) for r in records[1:]])
    ),
    "ledger-claims-everything": interrupted(
        "F3",
        edit=noted(lambda records: records.extend({**records[1], "i": i} for i in range(6))),
    ),
}

CASES = [case_of(name, row) for name, row in ROWS.items()]
