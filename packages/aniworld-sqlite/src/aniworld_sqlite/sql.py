"""What SQLite shares with another SQL database: the tables, and the repositories over them.

A storage of such a database runs closures in transactions (`Transactions`), makes the tables of
`metadata`, and gives its transactions to `SqlStorage`.
"""

from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._migrate import SHIPPED, Revisions, upgrade
from aniworld_sqlite._repositories.storage import SqlStorage
from aniworld_sqlite._schema import metadata, set_conditions

__all__ = [
    "SHIPPED",
    "Revisions",
    "SqlStorage",
    "Transactions",
    "metadata",
    "set_conditions",
    "upgrade",
]
