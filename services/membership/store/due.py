"""Facts whose day has not come: they stay membership's alone until then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.known import ENTRY_LIFTS
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Due:
    kind: str
    subject: str
    on: date


async def put_off(uow: UnitOfWork, items: Sequence[Due]) -> None:
    """Keep these for their days. One that is kept already stays as it is."""
    if items:
        ordered = sorted(items, key=lambda each: (each.on, each.kind, each.subject))
        await uow.execute(
            "insert into due (kind, subject, on_date) select kind, subject, day "
            "from unnest($1::text[], $2::text[], $3::date[]) as n (kind, subject, day) order by kind, subject, day "
            "on conflict do nothing",
            [each.kind for each in ordered],
            [each.subject for each in ordered],
            [each.on for each in ordered],
        )


# A school or body of which something that was due has failed stands still: nothing else of it is due. Asked item by item
# only where there is any such.
CONCERNED = "array(select unnest(concerns) from failed_due)"
STANDS_STILL = f"""
    exists (select from failed_due) and (concerns_of(kind, subject) && {CONCERNED}
        or (kind, subject, on_date) in (select kind, subject, on_date from failed_due))
"""


def first_day_up_to(today: str) -> str:
    """SQL for the earliest day with something left to do, up to this one: a fact, or a school to look at again."""
    return f"""
        least((select min(on_date) from due where done_at is null and on_date <= {today} and not ({STANDS_STILL})),
            (select min(next_due) from representation where next_due <= {today} and urn <> all({CONCERNED})),
            (select min(next_due) from representation_as_told where next_due <= {today} and urn <> all({CONCERNED})))
    """


async def first_day(uow: UnitOfWork, today: date) -> date | None:
    found: date | None = await uow.value(f"select {first_day_up_to('$1::date')}", today)
    return found


def in_doubt(today: str, longest: int) -> str:
    """SQL for whether this day is further ahead of the last one that was done than anybody would expect.

    A test clock is where somebody has put it, which is as good as confirmed unless she said otherwise.
    """
    return f"""
        (not exists (select from clock where confirmed)
            and exists (select from turned where turned_to < {today} - {longest}))
    """


async def waits_for_confirmation(uow: UnitOfWork, longest: int) -> bool:
    """Whether the clock has jumped and nobody has confirmed it."""
    found: bool = await uow.value(f"select {in_doubt('$1::date', longest)}", uow.today)
    return found


async def doubted_from(uow: UnitOfWork, longest: int) -> date | None:
    """Where the clock has jumped and nobody has confirmed it, the first day that it would not have reached by itself."""
    found: date | None = await uow.value(
        f"select turned_to + {longest} + 1 from turned where {in_doubt('$1::date', longest)}", uow.today
    )
    return found


async def note_day(uow: UnitOfWork) -> None:
    """Everything is done up to today. A clock put back takes this day back too, or its next jump would go unnoticed."""
    await uow.execute(
        "insert into turned (turned_to) values ($1::date) on conflict (only_row) do update set turned_to = $1::date "
        "where turned.turned_to <> $1::date",
        uow.today,
    )


async def on_day(uow: UnitOfWork, day: date, *, at_most: int) -> list[Due]:
    """The items of one day that are to be done. Nothing is locked: whoever does them locks bodies and schools first."""
    rows = await uow.rows(
        f"select kind, subject, on_date from due where done_at is null and on_date = $1::date and not ({STANDS_STILL}) "
        "order by kind, subject limit $2::integer",
        day,
        at_most,
    )
    return [Due(row.kind, row.subject, row.on_date) for row in rows]


async def restricted_of(uow: UnitOfWork, days: Mapping[str, date]) -> list[Due]:
    """What is put off for these schools up to the day given for each, of acts inside the council.

    A lifting that was put off to a day on which it no longer is hides nothing: it may long have come, and been told.
    """
    rows = await uow.rows(
        """
        with asked as (select urn, day from unnest($1::text[], $2::date[]) as n (urn, day)),
        facts as (
            select 'la-category-' as kinds, e.entry_id as id, asked.day from la_entry e join asked using (urn)
            union all
            select 'allocation-', a.allocation_id, asked.day from allocation a join asked using (urn)
            union all
            select 'override-', o.override_id, asked.day from routing_override o join asked using (urn)
            union all
            select 'proposal-', p.proposal_id, asked.day from proposal p join asked using (urn))
        select d.kind, d.subject, d.on_date
        from facts f join due d on d.subject = f.id::text and d.on_date <= f.day and starts_with(d.kind, f.kinds)
        where d.done_at is null and not (d.kind = $3 and d.on_date is distinct from (
            select l.lifted_on from la_lift l where l.entry_id = f.id order by l.lift_id desc limit 1))
        """,
        list(days),
        list(days.values()),
        ENTRY_LIFTS,
    )
    return [Due(row.kind, row.subject, row.on_date) for row in rows]


async def of(uow: UnitOfWork, subjects: Sequence[str], kinds: Sequence[str]) -> list[Due]:
    """What has come of these subjects and was not told yet, the earliest first; what stands still is left as it is."""
    return await _come(uow, "subject = any($3::text[])", kinds, list(subjects))


async def of_terms(uow: UnitOfWork, body_id: UUID, kinds: Sequence[str]) -> list[Due]:
    return await _come(uow, "subject in (select term_id::text from term where body_id = $3::uuid)", kinds, body_id)


async def of_person(uow: UnitOfWork, person_id: UUID, kinds: Sequence[str]) -> list[Due]:
    return await _come(uow, "starts_with(subject, $3)", kinds, f"{person_id}/")


async def _come(uow: UnitOfWork, which: str, kinds: Sequence[str], of: object) -> list[Due]:
    rows = await uow.rows(
        f"select kind, subject, on_date from due where done_at is null and on_date <= $1::date "
        f"and kind = any($2::text[]) and {which} and not ({STANDS_STILL}) order by on_date, kind, subject",
        uow.today,
        list(kinds),
        of,
    )
    return [Due(row.kind, row.subject, row.on_date) for row in rows]


async def put_off_on(uow: UnitOfWork, kind: str, days: Iterable[date]) -> list[Due]:
    """What is put off of this kind for one of these days, or was done on it."""
    rows = await uow.rows(
        "select subject, on_date from due where kind = $1 and on_date = any($2::date[]) order by subject",
        kind,
        sorted(set(days)),
    )
    return [Due(kind, row.subject, row.on_date) for row in rows]


async def untold(uow: UnitOfWork, items: Sequence[Due]) -> set[Due]:
    """Those of these that are kept for their day and still to be told."""
    rows = await uow.rows(
        "select kind, subject, on_date from due join unnest($1::text[], $2::text[], $3::date[]) as n (kind, subject, on_date) "
        "using (kind, subject, on_date) where done_at is null",
        [each.kind for each in items],
        [each.subject for each in items],
        [each.on for each in items],
    )
    return {Due(row.kind, row.subject, row.on_date) for row in rows}


async def restricted_schools(uow: UnitOfWork, items: Sequence[Due]) -> set[str]:
    """The schools of these entries of the authority, allocations, overrides and proposals."""
    rows = await uow.rows(
        "select urn from la_entry where entry_id = any($1::uuid[]) "
        "union select urn from allocation where allocation_id = any($1::uuid[]) "
        "union select urn from routing_override where override_id = any($1::uuid[]) "
        "union select urn from proposal where proposal_id = any($1::uuid[])",
        [UUID(item.subject) for item in items],
    )
    return {row.urn for row in rows}


async def claim(uow: UnitOfWork, items: Sequence[Due]) -> list[Due]:
    """Those of these items that nobody did yet, marked as done: this transaction does them.

    Called once bodies and schools are locked, so that everybody waits in one order.
    """
    if not items:
        return []
    rows = await uow.rows(
        """
        with mine as (
            select kind, subject, on_date from due
            where done_at is null
              and (kind, subject, on_date) in (select * from unnest($1::text[], $2::text[], $3::date[]))
            order by on_date, kind, subject for update)
        update due d set done_at = now() from mine m
        where (d.kind, d.subject, d.on_date) = (m.kind, m.subject, m.on_date)
        returning d.kind, d.subject, d.on_date
        """,
        [item.kind for item in items],
        [item.subject for item in items],
        [item.on for item in items],
    )
    claimed = [Due(row.kind, row.subject, row.on_date) for row in rows]
    return sorted(claimed, key=lambda each: (each.on, each.kind, each.subject))


async def told_otherwise(uow: UnitOfWork, items: Sequence[Due]) -> set[str]:
    """A correction or a withdrawal tells these, as far as their days have come. The kinds of those that nobody had told."""
    return {item.kind for item in await claim(uow, [item for item in items if item.on <= uow.today])}
