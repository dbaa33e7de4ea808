"""Parked messages: what a handler could not take waits here, visibly, with the later messages of its key behind it.

``parked`` is the message at fault, ``waiting`` one behind it, ``gap`` one whose predecessor has not come, ``aside`` one
that blocks nothing (no key or number at all, or a number seen before with another id).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.envelope import pack
from shared.messaging.cause import new_id
from shared.messaging.kafka import readable
from shared.refusal import NotFound, Refusal
from shared.store import Store, UnitOfWork


class NoSuchParkedMessage(NotFound):
    def __init__(self, parked_id: UUID):
        super().__init__(f"No message is parked under {parked_id}. It may have been retried or discarded already.")


class NotTheOneAtFault(Refusal):
    def __init__(self, status: str):
        super().__init__(
            f"This message is kept as {status}: it waits for an earlier message of its key. Deal with that one first."
        )


class DiscardNeedsReason(Refusal):
    def __init__(self) -> None:
        super().__init__("Say why this message is discarded: the reason is kept in the audit.")


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A record on its way into ``parked``. Headers are the broker's tuples."""

    topic: str
    partition: int
    offset: int
    key: str | None
    epoch: int | None
    sequence: int | None
    event_id: str | None
    type: str | None
    status: str
    reason: str
    detail: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None
    traceparent: str | None = None


async def park(uow: UnitOfWork, records: Sequence[ParkedRecord]) -> None:
    """Write them, in one statement. One that is there already is only given its new status and reason."""
    if not records:
        return
    columns = [
        [new_id() for _ in records],
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [record.key for record in records],
        [record.epoch for record in records],
        [record.sequence for record in records],
        [record.event_id for record in records],
        [record.type for record in records],
        [record.status for record in records],
        [record.reason for record in records],
        [record.detail[:4000].replace("\x00", "\\x00") for record in records],
        [
            pack((readable(name.encode()) or "", readable(value) or "") for name, value in record.headers)
            for record in records
        ],
        [record.value for record in records],
        [record.traceparent for record in records],
    ]
    await uow.execute(
        """
        insert into parked (id, topic, partition, "offset", key, epoch, sequence, event_id, type, status, reason, detail,
                            headers, value, traceparent)
        select * from unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::int[], $7::bigint[],
                             $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bytea[],
                             $15::text[])
        order by 2, 3, 4
        on conflict (topic, partition, "offset")
        do update set status = excluded.status, reason = excluded.reason, detail = excluded.detail,
                      tries = parked.tries + 1
        """,
        *columns,
    )


async def lines_let_go(store: Store, topics: Sequence[str], *, limit: int = 20) -> list[tuple[str, str]]:
    """Topic and key of what is parked and waits for nothing: whoever was to let all of it go has ended meanwhile, or left some
    of a long line."""
    rows = await store.rows(
        """
        select p.topic, p.key from parked p join inbox_key k on k.topic = p.topic and k.key = p.key
        where p.topic = any($1::text[]) and p.status in ('waiting', 'gap')
            and ((p.epoch, p.sequence) = (k.epoch, k.sequence + 1) or (p.epoch > k.epoch and p.sequence = 1))
            and not exists (
                select from parked other where other.topic = p.topic and other.key = p.key and (
                    other.status = 'parked' or other.status <> 'aside'
                    and (other.epoch, other.sequence) > (k.epoch, k.sequence)
                    and (other.epoch, other.sequence) < (p.epoch, p.sequence)))
        order by p.topic, p.key limit $2
        """,
        list(topics),
        limit,
    )
    return [(row.topic, row.key) for row in rows]


_SHOWN = """select id, topic, partition, "offset", key, epoch, sequence, event_id, type, status, reason, detail,
                   traceparent, tries, parked_at from parked"""


async def oldest_gap(uow: UnitOfWork) -> float:
    """How long the oldest record has waited for one before it that has not come, in seconds; 0 if none waits."""
    age = await uow.value(
        """
        select extract(epoch from clock_timestamp() - min(parked_at))::float from parked as waiting
        where status = 'gap' and not exists (
            select 1 from parked as fault
            where fault.topic = waiting.topic and fault.key = waiting.key and fault.status = 'parked'
        )
        """
    )
    return float(age or 0.0)


async def list_parked(uow: UnitOfWork, *, limit: int = 200) -> Sequence[Any]:
    """What is parked, those at fault first, oldest first; without headers and value."""
    return await uow.rows(f"{_SHOWN} order by status <> 'parked', parked_at, id limit $1", limit)


async def show(uow: UnitOfWork, parked_id: UUID) -> Any:
    """One parked message with headers (text) and value (bytes). Raises NoSuchParkedMessage."""
    found = await uow.row("select * from parked where id = $1", parked_id)
    if found is None:
        raise NoSuchParkedMessage(parked_id)
    return found


async def at_fault(uow: UnitOfWork, parked_id: UUID) -> Any:
    """The parked message, locked, if it is one that can be acted on."""
    found = await uow.row("select * from parked where id = $1 for update", parked_id)
    if found is None:
        raise NoSuchParkedMessage(parked_id)
    if found.status not in ("parked", "aside"):
        raise NotTheOneAtFault(found.status)
    return found
