"""Storage of accounts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from aniworld_core.domain.access import Account


class AccountRepository(ABC):
    """Store accounts. Every call is one transaction.

    Names are compared by `folded_user_name`. Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, account: Account) -> None:
        """Add an account.

        Raises:
            UserExistsError: If its name is taken; nothing changes.
            ConflictError: If its id is taken; nothing changes.
        """

    @abstractmethod
    async def get(self, user_id: str) -> Account:
        """Return the account with this id.

        Raises:
            UserNotFoundError: If there is none.
        """

    @abstractmethod
    async def with_name(self, name: str) -> Account | None:
        """Return the account with this name, or `None`."""

    @abstractmethod
    async def find(self) -> Sequence[Account]:
        """Return all accounts, sorted by folded name."""

    @abstractmethod
    async def replace(self, account: Account) -> None:
        """Store a changed account, whose revision is one above the stored one.

        Raises:
            UserNotFoundError: If there is no account with its id.
            UserChangedError: If another revision is stored; nothing changes.
            UserExistsError: If its new name is taken; nothing changes.
        """

    @abstractmethod
    async def remove(self, user_id: str) -> None:
        """Delete the account.

        Raises:
            UserNotFoundError: If there is none.
        """
