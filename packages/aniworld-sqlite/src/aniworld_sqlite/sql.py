"""What SQLite shares with another SQL database: the tables, and the repositories over them.

A storage of such a database runs closures in transactions (`Transactions`), makes the tables of
`metadata`, and gives its transactions to `SqlStorage`.
"""

from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._migrate import upgrade
from aniworld_sqlite._move import require_newest
from aniworld_sqlite._repositories.storage import SqlStorage
from aniworld_sqlite._revisions import SHIPPED, Revisions
from aniworld_sqlite._schema import metadata, set_conditions
from aniworld_sqlite._tables import SqlTableReader, SqlTableWriter, copied_mark

__all__ = [
    "SHIPPED",
    "Revisions",
    "SqlStorage",
    "SqlTableReader",
    "SqlTableWriter",
    "Transactions",
    "copied_mark",
    "metadata",
    "require_newest",
    "set_conditions",
    "upgrade",
]
