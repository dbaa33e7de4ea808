"""Chairs of governors: rows in, rows out. What was replaced stays beside, by a trigger (docs/decisions/0012)."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.membership.domain.governors import ChairOfGovernors
from services.membership.store.rows import as_each, insert_rows
from shared.store import UnitOfWork

_CHAIR = "urn, person_id, lower(during), upper(during)"


async def chairs_of(uow: UnitOfWork, urns: Iterable[str]) -> list[ChairOfGovernors]:
    rows = await uow.rows(
        f"select {_CHAIR} from chair_of_governors where urn = any($1::text[]) order by urn, during", sorted(set(urns))
    )
    return as_each(ChairOfGovernors, rows)


async def chairs_before(uow: UnitOfWork, urns: Iterable[str]) -> list[ChairOfGovernors]:
    """Those that were ended or taken back since, as they had been entered."""
    rows = await uow.rows(
        f"select {_CHAIR} from chair_of_governors_past where urn = any($1::text[])", sorted(set(urns))
    )
    return as_each(ChairOfGovernors, rows)


async def add_chairs(uow: UnitOfWork, new: Sequence[ChairOfGovernors]) -> None:
    await insert_rows(
        uow,
        "chair_of_governors",
        "urn, during, person_id, recorded_at",
        "text daterange uuid timestamptz",
        [(each.urn, (each.from_date, each.until), each.person_id, uow.now) for each in new],
    )


async def save(uow: UnitOfWork, before: Sequence[ChairOfGovernors], after: Sequence[ChairOfGovernors]) -> None:
    """Write what differs of one locked school, endings first: a successor begins on the day of the end."""
    kept = {each.from_date: each for each in after}
    known = {each.from_date: each for each in before}
    for day, each in known.items():
        if day not in kept:
            await uow.execute(
                "delete from chair_of_governors where urn = $1 and lower(during) = $2::date", each.urn, day
            )
        elif kept[day] != each:
            await uow.execute(
                "update chair_of_governors set during = daterange(lower(during), $3::date) "
                "where urn = $1 and lower(during) = $2::date",
                each.urn,
                day,
                kept[day].until,
            )
    await add_chairs(uow, [each for day, each in kept.items() if day not in known])


async def listed(uow: UnitOfWork, urn: str) -> list[dict[str, Any]]:
    """Who chaired and chairs the governors, by name."""
    rows = await uow.rows(
        "select c.person_id, p.name, lower(c.during) as from_date, upper(c.during) as until "
        "from chair_of_governors c join person p using (person_id) where c.urn = $1 order by c.during",
        urn,
    )
    return [dict(row._mapping) for row in rows]
