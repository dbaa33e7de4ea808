"""What an operator may do with a parked message: try it again, or discard it with a reason."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from shared.contracts.envelope import unpack
from shared.messaging.cause import new_id
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import HandlerFailed, Inbox
from shared.messaging.parking import DiscardNeedsReason, at_fault
from shared.messaging.records import Culprits, Fault, Record, Where
from shared.store import Store, UnitOfWork

Work = Callable[[UnitOfWork, Culprits], Awaitable[Counter[str]]]


async def retry(store: Store, inbound: Inbound, parked_id: UUID) -> Counter[str]:
    """Apply a parked message and what waits behind it, in pieces. What fails again is parked again, and the counts say so.

    Raises NoSuchParkedMessage, NotTheOneAtFault.
    """
    inbox = Inbox(inbound, store.service)

    async def again(uow: UnitOfWork, culprits: Culprits) -> Counter[str]:
        found = await at_fault(uow, parked_id)
        if found.status == "aside":
            await uow.execute("delete from parked where id = $1", parked_id)
            return await inbox.take([_record(found)], uow, culprits)
        await uow.execute("update parked set status = 'gap' where id = $1", parked_id)
        return await inbox.take([], uow, culprits, drain=[(found.topic, found.key)])

    return await _in_pieces(store, inbox, again)


async def discard(store: Store, inbound: Inbound, parked_id: UUID, *, reason: str, who: str) -> Counter[str]:
    """Give a parked message up: it counts as applied, and what waits behind it is applied. Audited with the reason.

    Raises NoSuchParkedMessage, NotTheOneAtFault, DiscardNeedsReason.
    """
    if not reason.strip():
        raise DiscardNeedsReason()
    inbox = Inbox(inbound, store.service)

    async def give_up(uow: UnitOfWork, culprits: Culprits) -> Counter[str]:
        found = await at_fault(uow, parked_id)
        await uow.execute(
            "insert into audit (id, who, what, subject, why) values ($1, $2, 'parked.discarded', $3, $4)",
            new_id(),
            who,
            f"{found.topic}/{found.partition}/{found.offset}",
            reason,
        )
        await uow.execute("delete from parked where id = $1", parked_id)
        fates = Counter(discarded=1)
        if found.status != "aside":
            await uow.execute(
                """
                update inbox_key set epoch = $3, sequence = $4, event_id = $5::uuid
                where topic = $1 and key = $2 and (epoch, sequence) < ($3, $4)
                """,
                found.topic,
                found.key,
                found.epoch,
                found.sequence,
                UUID(found.event_id),
            )
            await uow.execute(
                "insert into discarded (topic, key, epoch, sequence) values ($1, $2, $3, $4) on conflict do nothing",
                found.topic,
                found.key,
                found.epoch,
                found.sequence,
            )
            fates += await inbox.take([], uow, culprits, drain=[(found.topic, found.key)])
        return fates

    return await _in_pieces(store, inbox, give_up)


async def _in_pieces(store: Store, inbox: Inbox, work: Work) -> Counter[str]:
    """The work, and then what it has left of a long line, a transaction a piece. If this process ends between two of them, the
    consumer goes on (`consumer.py`)."""
    fates = await _parking_what_fails(store, work)
    while line := inbox.cut:
        fates += await _parking_what_fails(
            store,
            lambda uow, culprits, line=line: inbox.take([], uow, culprits, drain=line),  # type: ignore[misc]
        )
    return fates


async def _parking_what_fails(store: Store, work: Work) -> Counter[str]:
    """Run the work; each message that fails on the way is parked, and the work begun again."""
    culprits: dict[Where, Fault] = {}
    while True:
        try:
            return await store.run(lambda uow: work(uow, culprits))
        except HandlerFailed as failed:
            where = failed.items[0].record.where
            if where in culprits:
                raise
            culprits[where] = ("handler", f"{type(failed.problem).__name__}: {failed.problem}")


def _record(found: Any) -> Record:
    return Record(found.topic, found.partition, found.offset, found.key, found.value, unpack(found.headers))
