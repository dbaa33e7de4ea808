"""Routing overrides: rows to decisions and back. What was replaced or taken back a trigger keeps (migration 0008)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.membership.domain.override import Override, UnknownOverride
from services.membership.store.rows import as_each, as_one
from shared.store import UnitOfWork

_OVERRIDE = "override_id, urn, matter, person_id, lower(during), upper(during), reason"


async def overrides(uow: UnitOfWork, urns: Iterable[str]) -> list[Override]:
    rows = await uow.rows(
        f"select {_OVERRIDE} from routing_override where urn = any($1::text[]) order by lower(during), override_id",
        sorted(set(urns)),
    )
    return as_each(Override, rows)


async def override(uow: UnitOfWork, override_id: UUID) -> Override:
    row = await uow.row(f"select {_OVERRIDE} from routing_override where override_id = $1", override_id)
    if row is None:
        raise UnknownOverride(override_id)
    return as_one(Override, row)


async def was_ended(uow: UnitOfWork, override_id: UUID) -> bool:
    """Whether somebody ended it earlier than was said when it was set."""
    found: bool = await uow.value(
        "select end_reason is not null from routing_override where override_id = $1", override_id
    )
    return found


async def add_override(uow: UnitOfWork, new: Override, *, set_by: str) -> None:
    await uow.execute(
        "insert into routing_override (override_id, urn, matter, person_id, during, reason, set_by, recorded_at) "
        "values ($1, $2, $3, $4::uuid, daterange($5::date, $6::date), $7, $8, $9::timestamptz)",
        new.override_id,
        new.urn,
        new.matter,
        new.person_id,
        new.from_date,
        new.until,
        new.reason,
        set_by,
        uow.now,
    )


async def end_override(uow: UnitOfWork, ended: Override, *, reason: str, ended_by: str) -> None:
    await uow.execute(
        "update routing_override set during = daterange(lower(during), $2::date), end_reason = $3, ended_by = $4 "
        "where override_id = $1",
        ended.override_id,
        ended.until,
        reason,
        ended_by,
    )


async def take_back_override(uow: UnitOfWork, override_id: UUID, *, reason: str, ended_by: str) -> None:
    """It never came to be. Who took it back, and why, is kept with it among what was replaced."""
    await uow.execute(
        "update routing_override set end_reason = $2, ended_by = $3 where override_id = $1",
        override_id,
        reason,
        ended_by,
    )
    await uow.execute("delete from routing_override where override_id = $1", override_id)


async def overrides_of(uow: UnitOfWork, urn: str) -> list[dict[str, Any]]:
    """Every override that a school has, had or is to have, the latest first."""
    rows = await uow.rows(
        "select o.override_id, o.urn, o.matter, o.person_id, p.name as person_name, lower(o.during) as from_date, "
        "upper(o.during) as until, o.reason, o.set_by, o.end_reason, o.ended_by, o.recorded_at "
        "from routing_override o left join person p using (person_id) where o.urn = $1 "
        "order by lower(o.during) desc, o.override_id",
        urn,
    )
    return [dict(row._mapping) for row in rows]


async def override_in_force(uow: UnitOfWork, urn: str, matter: str, on: Any) -> dict[str, Any] | None:
    """Why somebody else speaks on that day, until when, and who decided it."""
    row = await uow.row(
        "select override_id, upper(during) as until, reason, set_by from routing_override "
        "where urn = $1 and matter = any($2::text[]) and during @> $3::date order by lower(during) desc limit 1",
        urn,
        [matter, "both"],
        on,
    )
    return dict(row._mapping) if row is not None else None
