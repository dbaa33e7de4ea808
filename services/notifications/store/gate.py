"""What waits until the school was told (R0.8, D3.8).

A story that waits has one row. Whoever adds to it or opens it locks that row first, so that a record can't slip in
behind the opening unseen and wait for ever, nor go out twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.notifications.domain.departments import Department
from shared.contracts.envelope import Envelope, pack, read_envelope, unpack
from shared.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits, and for whom."""

    envelope: Envelope
    key: str
    value: bytes
    departments: tuple[Department, ...]


async def open_or_wait(waiting: Collection[UUID], opened: Mapping[UUID, date], uow: UnitOfWork) -> set[UUID]:
    """Lock the gates of these stories, open those that were told, and say which are open now."""
    stories = sorted({*waiting, *opened})
    if not stories:
        return set()
    rows = await uow.rows(
        """
        insert into gate (correlation_id, told_on)
        select story, told_on from unnest($1::uuid[], $2::date[]) as new (story, told_on) order by story
        on conflict (correlation_id) do update set told_on = coalesce(gate.told_on, excluded.told_on)
        returning correlation_id, told_on
        """,
        stories,
        [opened.get(story) for story in stories],
    )
    return {row.correlation_id for row in rows if row.told_on is not None}


async def hold(records: Sequence[Held], uow: UnitOfWork) -> None:
    if not records:
        return
    await uow.execute(
        """
        insert into held (event_id, correlation_id, key, departments, headers, value)
        select event_id, story, key, string_to_array(departments, ','), headers, value
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[]) with ordinality
            as new (event_id, story, key, departments, headers, value, place)
        order by place
        on conflict (event_id) do nothing
        """,
        [record.envelope.id for record in records],
        [record.envelope.correlation_id for record in records],
        [record.key for record in records],
        [",".join(record.departments) for record in records],
        [pack(record.envelope.headers()) for record in records],
        [record.value for record in records],
    )


async def release(opened: Collection[UUID], uow: UnitOfWork) -> list[Held]:
    """What waited for these stories, in the order in which it came. It is gone from here then: released once."""
    if not opened:
        return []
    rows = await uow.rows(
        "delete from held where correlation_id = any($1::uuid[]) returning position, key, departments, headers, value",
        sorted(opened),
    )
    return [
        Held(
            read_envelope(unpack(row.headers)), row.key, row.value, tuple(Department(name) for name in row.departments)
        )
        for row in sorted(rows, key=lambda row: int(row.position))
    ]
