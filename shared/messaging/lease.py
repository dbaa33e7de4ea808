"""A lease on the database's clock: one holder at a time for one name, replicas stand by.

A lease does not fence the broker: a holder that was paused past it can still send an old record. Epoch and sequence in
every record make that harmless; the lease only keeps two relays from working against each other.
"""

import time
from uuid import uuid4

from shared.store import Store

_TAKE = """
    insert into lease as held (name, holder, until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where held.holder = excluded.holder or held.until < clock_timestamp() or starts_with(held.holder, $4)
    returning true
"""
NOBODYS = "?"  # no holder begins so


class Lease:
    """One process's claim to a name. ``seconds`` is how long a claim lasts unless renewed.

    Of one ``replica`` there is one process at a time: a new one takes over at once, at its first asking, from the one
    that died. Should the old one live on after all, it finds itself replaced and does not take the lease back.
    """

    def __init__(self, store: Store, name: str, *, seconds: float = 10.0, replica: str | None = None):
        self.store = store
        self.name = name
        self.seconds = seconds
        own = f"{replica}/" if replica else ""
        self.holder = f"{own}{uuid4()}"
        self._from_whom = own or NOBODYS
        self._asked_at = float("-inf")

    @property
    def gone(self) -> float:
        """How much of the lease has passed, 0 fresh, 1 or more expired. Counted from before it was asked for."""
        return (time.monotonic() - self._asked_at) / self.seconds

    async def take(self) -> bool:
        """Take the lease or renew it; whether it is ours now."""
        asked = time.monotonic()
        async with self.store.alone.connect() as connection:
            result = await connection.exec_driver_sql(_TAKE, (self.name, self.holder, self.seconds, self._from_whom))
            ours = result.fetchone() is not None
        self._from_whom = NOBODYS
        self._asked_at = asked if ours else float("-inf")
        return ours

    async def keep(self, *, until: float = 0.25) -> bool:
        """Renew when so much of it has passed; whether it is still ours."""
        return True if self.gone < until else await self.take()

    async def let_go(self) -> None:
        async with self.store.alone.connect() as connection:
            await connection.exec_driver_sql(
                "delete from lease where name = $1 and holder = $2", (self.name, self.holder)
            )
        self._asked_at = float("-inf")


class LeaseRanOut(Exception):
    def __init__(self, name: str):
        super().__init__(f"the lease for {name} ran out, and another process may do the work by now")


def still_ours(lease: Lease | None) -> None:
    """Right before something goes out to others: whoever was paused past the lease may have been replaced meanwhile.

    Raises LeaseRanOut. None: nobody else does the work.
    """
    if lease is not None and lease.gone >= 1:
        raise LeaseRanOut(lease.name)
