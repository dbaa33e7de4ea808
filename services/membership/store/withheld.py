"""Changes that may not leave school improvement before the school was told of them (R0.8)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.messaging.cause import new_id
from shared.store import UnitOfWork


async def withhold(uow: UnitOfWork, changes: Sequence[tuple[str, UUID]]) -> None:
    if changes:
        await uow.execute(
            "insert into withheld (urn, correlation_id, withheld_at) "
            "select urn, correlation_id, $3::timestamptz from unnest($1::text[], $2::uuid[]) as n (urn, correlation_id) "
            "on conflict (urn, correlation_id) do update set released_on = null",
            [urn for urn, _ in changes],
            [correlation_id for _, correlation_id in changes],
            uow.now,
        )


async def withheld_of(uow: UnitOfWork, urns: Sequence[str]) -> set[str]:
    """Which of these schools have changes that they don't know of yet."""
    rows = await uow.rows(
        "select distinct urn from withheld where urn = any($1::text[]) and released_on is null", list(urns)
    )
    return {row.urn for row in rows}


async def release(uow: UnitOfWork, urn: str, told_on: date, told_by: str) -> list[UUID]:
    """The school was told: the stories that may go out now, oldest first."""
    await uow.execute(
        "insert into told (told_id, urn, told_on, told_by, recorded_at) values ($1, $2, $3::date, $4, $5::timestamptz)",
        new_id(),
        urn,
        told_on,
        told_by,
        uow.now,
    )
    rows = await uow.rows(
        "update withheld set released_on = $2::date where urn = $1 and released_on is null "
        "returning correlation_id, withheld_at",
        urn,
        told_on,
    )
    return [row.correlation_id for row in sorted(rows, key=lambda row: (row.withheld_at, row.correlation_id))]
