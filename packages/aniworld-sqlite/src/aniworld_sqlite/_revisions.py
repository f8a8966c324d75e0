"""The schema revisions that this program ships."""

from typing import Final

import attrs


@attrs.frozen
class Revisions:
    """Schema revisions of this program.

    Attributes:
        names: Names of the revisions, oldest first.
        folders: Folders of their scripts, in Alembic's notation.
    """

    names: tuple[str, ...]
    folders: tuple[str, ...] = ("aniworld_sqlite:migrations/versions",)

    @property
    def newest(self) -> str:
        """Return the revision that the program uses."""
        return self.names[-1]


SHIPPED: Final = Revisions(
    (
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
        "0016",
        "0017",
        "0018",
        "0019",
        "0020",
        "0021",
        "0022",
        "0023",
        "0024",
        "0025",
        "0026",
        "0027",
        "0028",
        "0029",
    )
)
