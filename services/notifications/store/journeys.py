"""The journey table: a row for every event of the four services."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.notifications.domain.journey import Step, Viewer
from services.notifications.store.gate import knows_of
from shared.contracts.membership import no_desk_was_asked
from shared.contracts.registry import all_event_types, event_type
from shared.messaging.inbound import Received
from shared.store import UnitOfWork

_COLUMNS = """
    event_id, correlation_id, causation_id, service, type, key, subject, authority, sensitivity, told, time,
    traceparent, batch_id, at_no_desk
"""

LARGEST_JOURNEY = 5000  # steps; an outside fact about one thing has some dozens


async def add(events: Sequence[Received[Any]], uow: UnitOfWork) -> None:
    if not events:
        return
    rows = [
        (
            event.id,
            event.correlation_id,
            event.causation_id,
            event_type(event.type).service,
            event.type,
            event.key,
            event.subject,
            event.authority,
            event.sensitivity.value,
            event.told,
            event.time,
            event.envelope.traceparent,
            event.batch_id,
            not event.erased and no_desk_was_asked(event.data),
        )
        for event in sorted(events, key=lambda event: event.id)
    ]
    await uow.execute(
        f"""
        insert into journey ({_COLUMNS})
        select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::bool[], $11::timestamptz[], $12::text[], $13::uuid[], $14::bool[])
        on conflict (event_id) do nothing
        """,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def of_story(correlation_id: UUID, uow: UnitOfWork) -> list[Step]:
    rows = await uow.rows(
        f"select {_COLUMNS} from journey where correlation_id = $1 order by time, event_id limit {LARGEST_JOURNEY}",
        correlation_id,
    )
    return [_step(row) for row in rows]


async def heard_of(stories: Collection[UUID], urn: str, authority: str, uow: UnitOfWork) -> set[UUID]:
    """Those of these stories of which anything was read that is about this school, or of this authority.

    That something is going on elsewhere is no business of whoever has the id of a story from there (R0.8).
    """
    rows = await uow.rows(
        """
        select distinct correlation_id from journey
        where correlation_id = any($1::uuid[]) and (authority = $2 or subject = $3)
        """,
        sorted(stories),
        authority,
        urn,
    )
    return {row.correlation_id for row in rows}


async def about(subject: str, eyes: Viewer, limit: int, uow: UnitOfWork) -> list[Step]:
    """The latest events about one subject that these eyes may see, the newest first.

    What is hidden is left out before the limit counts: a shorter page would tell how much there is of it (R0.8).
    """
    rows = await uow.rows(
        f"""
        select {_COLUMNS} from journey
        where subject = $1 and authority = any($2::text[]) and sensitivity = any($3::text[]) and type = any($4::text[])
            and (told or $5 or {knows_of("journey")}) and ($6 or not at_no_desk)
        order by time desc, event_id desc limit $7
        """,
        subject,
        sorted(eyes.authorities),
        sorted(eyes.classes),
        [kind.name for kind in all_event_types() if kind.sensitivity.value in eyes.classes],
        eyes.before_the_school,
        eyes.every_call,
        limit,
    )
    return [_step(row) for row in rows]


def _step(row: Row[Any]) -> Step:
    return Step(**row._mapping, type_sensitivity=event_type(row.type).sensitivity.value)
