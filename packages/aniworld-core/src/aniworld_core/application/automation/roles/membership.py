"""Announce this process to the others, and list them."""

from collections.abc import Collection, Sequence

import anyio
import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import ANNOUNCE_EVERY, NODE_LEASE, Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import OtherVersionError, StorageUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.nodes import NodeRegistry

_COMPONENT = "the list of machines"


@attrs.define(eq=False, kw_only=True)
class Membership:
    """This process as one of an installation.

    Args:
        registry: Lists the processes; `None` if the database belongs to one machine.
        id: Name of this process in claims.
        host: Name of this machine.
        version: Version of the program.
        clock: The time.
        outage: Records that the list cannot be written.
    """

    _registry: NodeRegistry | None
    _id: WorkerId
    _host: str
    _version: str
    _clock: Clock
    _outage: StorageOutage
    _changed: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _is_leader: bool = attrs.field(default=False, init=False)

    @property
    def is_shared(self) -> bool:
        """Whether several machines can use the database."""
        return self._registry is not None

    @property
    def is_leader(self) -> bool:
        """Whether this process does the scheduled work."""
        return self._is_leader

    def set_leader(self, *, is_leader: bool) -> None:
        """Record whether this process leads; the next sign of life says so at once."""
        self._is_leader = is_leader
        self._changed.set()

    async def nodes(self) -> Sequence[Node]:
        """Return the living processes.

        Raises:
            StorageUnavailableError: If they cannot be read.
        """
        return () if self._registry is None else await self._registry.find(NODE_LEASE)

    async def require_same_version(self) -> None:
        """Check that no other process runs another version of the program.

        Raises:
            OtherVersionError: If one does; names both versions.
            StorageUnavailableError: If the processes cannot be read.
        """
        for node in sorted(await self.nodes(), key=lambda each: Role.SERVER not in each.roles):
            if node.version != self._version:
                raise OtherVersionError(self._version, node.host, node.version)

    async def run(self, roles: Collection[Role], *, slots: int = 0) -> None:
        """Give signs of life until cancelled, then remove this process from the list.

        Args:
            roles: What this process does.
            slots: Number of items that it downloads at the same time.
        """
        registry = self._registry
        if registry is None:
            await anyio.sleep_forever()
            return
        started = self._clock.now()
        try:
            while True:
                self._changed = anyio.Event()
                node = Node(
                    id=self._id,
                    host=self._host,
                    version=self._version,
                    roles=frozenset(roles),
                    started_at=started,
                    seen_at=self._clock.now(),
                    is_leader=self._is_leader,
                    slots=slots,
                )
                await self._announce(registry, node)
                with anyio.move_on_after(ANNOUNCE_EVERY.total_seconds()):
                    await self._changed.wait()
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(1):
                await self._withdraw(registry)

    async def _announce(self, registry: NodeRegistry, node: Node) -> None:
        try:
            await registry.announce(node)
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
        else:
            self._outage.recovered(_COMPONENT)

    async def _withdraw(self, registry: NodeRegistry) -> None:
        try:
            await registry.withdraw(self._id)
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)  # the entry expires
