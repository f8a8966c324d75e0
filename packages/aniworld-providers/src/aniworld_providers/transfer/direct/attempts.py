"""Count the attempts of a direct transfer and decide whether another one may follow."""

from typing import Final

import attrs

from aniworld_core.errors import AniworldError
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.retry_policy import MOST_RENEWALS

#: Times the file may change on the server during one transfer.
_MOST_VERSIONS: Final = 3


@attrs.define(eq=False)
class Attempts:
    """Attempts, renewed links and changed file versions of one transfer.

    Attributes:
        count: Connections opened one after another, the first included.
    """

    _backoff: Backoff
    count: int = 1
    _renewals: int = 0
    _versions: int = 0

    def progressed(self) -> None:
        """Reset the retry and renewal counts after received bytes."""
        self._backoff.progressed()
        self._renewals = 0

    async def wait_after(self, error: AniworldError) -> None:
        """Count a failed attempt and wait before the next one.

        Raises:
            AniworldError: The same *error*, if the retry policy allows no further attempt.
        """
        self.count += 1
        await self._backoff.wait_after(error)

    def retry_now(self) -> None:
        """Count an attempt that follows without a wait."""
        self.count += 1

    def renew_link(self, error: AniworldError) -> None:
        """Count a request for a fresh link.

        Raises:
            AniworldError: The same *error*, if `MOST_RENEWALS` fresh links brought no bytes.
        """
        self.count += 1
        self._renewals += 1
        if self._renewals > MOST_RENEWALS:
            raise error

    def restart(self, error: AniworldError) -> None:
        """Count a restart from the first byte because the file changed on the server.

        Raises:
            AniworldError: The same *error*, if the file changed too often.
        """
        self.count += 1
        self._versions += 1
        if self._versions > _MOST_VERSIONS:
            raise error
