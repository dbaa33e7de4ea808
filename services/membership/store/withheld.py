"""Changes that may not leave school improvement before the school was told of them (R0.8)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

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


async def withhold_facts(uow: UnitOfWork, urn: str, correlation_id: UUID, kind: str, fact_ids: Sequence[UUID]) -> None:
    """The school is not to know of these yet; ``kind`` says whether of their beginning or of their end."""
    await withhold(uow, [(urn, correlation_id)])
    await uow.execute(
        "insert into withheld_fact (kind, fact_id, urn, correlation_id) "
        "select $1, fact_id, $2, $3::uuid from unnest($4::uuid[]) as n (fact_id) order by fact_id "
        "on conflict (kind, fact_id) do update set urn = excluded.urn, correlation_id = excluded.correlation_id",
        kind,
        urn,
        correlation_id,
        sorted(fact_ids),
    )


async def untold(uow: UnitOfWork, urn: str) -> tuple[datetime | None, set[tuple[str, UUID]]]:
    """Since when the school has something to be told, and of which facts it doesn't know."""
    since = await uow.value("select min(withheld_at) from withheld where urn = $1 and released_on is null", urn)
    rows = await uow.rows(
        "select f.kind, f.fact_id from withheld_fact f join withheld w using (urn, correlation_id) "
        "where f.urn = $1 and w.released_on is null",
        urn,
    )
    return since, {(row.kind, row.fact_id) for row in rows}


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


async def waiting_in(uow: UnitOfWork, authority: str) -> Sequence[Row[Any]]:
    """What is withheld from the schools of an authority, the oldest first."""
    return await uow.rows(
        "select w.urn, w.correlation_id, w.withheld_at from withheld w join school s using (urn) "
        "where s.authority = $1 and w.released_on is null order by w.withheld_at, w.urn, w.correlation_id",
        authority,
    )
