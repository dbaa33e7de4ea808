"""Changes that may not leave school improvement before the school was told of them (R0.8)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.membership.domain.appointment import Allocation
from services.membership.domain.known import Untold
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.override import Override
from services.membership.store import due, representation
from services.membership.store.rows import as_each
from shared.clock import london_date
from shared.messaging.cause import new_id
from shared.store import UnitOfWork

# The day of the act, not of its record: after the product was away the two differ. Earlier rows have their record's alone.
ACTED_ON = "coalesce(acted_on, (withheld_at at time zone 'Europe/London')::date)"


async def withhold(uow: UnitOfWork, changes: Sequence[tuple[str, UUID, date]]) -> None:
    """These schools don't know of these stories, each of an act of that day; with the first of them a record begins of
    what they do know.

    Called before the answers of the change are written, so that the record begins as the school was answered last.
    """
    if changes:
        urns = await representation.lock(uow, {urn for urn, _, _ in changes})
        await uow.execute(
            """
            with waits as (
                insert into representation_as_told select * from representation where urn = any($1::text[])
                on conflict (urn) do nothing returning urn)
            insert into answer_as_told select answer.* from answer join waits using (urn)
            """,
            urns,
        )
        await uow.execute(
            "insert into withheld (urn, correlation_id, acted_on, withheld_at) "
            "select urn, correlation_id, acted_on, $4::timestamptz "
            "from unnest($1::text[], $2::uuid[], $3::date[]) as n (urn, correlation_id, acted_on) "
            "on conflict (urn, correlation_id) do update set released_on = null, "
            "acted_on = case when withheld.released_on is null then withheld.acted_on else excluded.acted_on end, "
            "withheld_at = case when withheld.released_on is null then withheld.withheld_at else excluded.withheld_at end",
            [urn for urn, _, _ in changes],
            [correlation_id for _, correlation_id, _ in changes],
            [acted_on for _, _, acted_on in changes],
            uow.now,
        )


async def withheld_of(uow: UnitOfWork, urns: Sequence[str]) -> set[str]:
    """Which of these schools have changes that they don't know of yet."""
    rows = await uow.rows(
        "select distinct urn from withheld where urn = any($1::text[]) and released_on is null", list(urns)
    )
    return {row.urn for row in rows}


async def withhold_facts(
    uow: UnitOfWork, urn: str, correlation_id: UUID, kind: str, fact_ids: Sequence[UUID], *, acted_on: date
) -> None:
    """The school is not to know of these yet; ``kind`` says whether of their beginning or of their end."""
    await withhold(uow, [(urn, correlation_id, acted_on)])
    await uow.execute(
        "insert into withheld_fact (kind, fact_id, urn, correlation_id) "
        "select $1, fact_id, $2, $3::uuid from unnest($4::uuid[]) as n (fact_id) order by fact_id "
        "on conflict (kind, fact_id) do update set urn = excluded.urn, correlation_id = excluded.correlation_id",
        kind,
        urn,
        correlation_id,
        sorted(fact_ids),
    )


async def withhold_from_heirs(uow: UnitOfWork, kind: str, held: Sequence[tuple[str, UUID, UUID]]) -> None:
    """These schools, each of which has to be told a story already, are not to know of this fact of one that they carry on.

    Each of them is told by itself, and the school that they carry on as well: the kind names whose not-knowing it is.
    """
    if held:
        await uow.execute(
            "insert into withheld_fact (kind, fact_id, urn, correlation_id) "
            "select $1::text || '/' || urn, fact_id, urn, correlation_id "
            "from unnest($2::text[], $3::uuid[], $4::uuid[]) as n (urn, correlation_id, fact_id) order by urn, fact_id "
            "on conflict (kind, fact_id) do update set correlation_id = excluded.correlation_id",
            kind,
            [urn for urn, _, _ in held],
            [correlation_id for _, correlation_id, _ in held],
            [fact_id for _, _, fact_id in held],
        )


KIND = "split_part(f.kind, '/', 1) as kind"  # of a fact of a school that is carried on the kind names the heir, too


async def untold(uow: UnitOfWork, today: Mapping[str, date]) -> dict[str, Untold]:
    """What each of these schools does not know on the day given for it.

    An act that was planned is not told before its day was turned, and its school is told afterwards (D3.10).
    """
    urns = list(today)
    waits = await uow.rows(
        "select urn, min(withheld_at) as since from withheld where urn = any($1::text[]) and released_on is null group by urn",
        urns,
    )
    since = {row.urn: row.since for row in waits}
    rows = await uow.rows(
        f"select urn, {KIND}, f.fact_id from withheld_fact f join withheld w using (urn, correlation_id) "
        "where urn = any($1::text[]) and w.released_on is null",
        urns,
    )
    facts: dict[str, set[tuple[str, UUID]]] = defaultdict(set)
    for row in rows:
        facts[row.urn].add((row.kind, row.fact_id))
    ahead = frozenset((item.kind, UUID(item.subject)) for item in await due.restricted_of(uow, today))
    allocations = await _allocations_before(uow, since)
    overrides = await _overrides_as_set(uow, urns)
    entries = await _entries_before(uow, list(since))
    return {
        urn: Untold(
            london_date(since[urn]) if urn in since else None,
            frozenset(facts[urn]) | ahead,
            tuple(each for each in allocations if each.urn == urn),
            tuple(each for each in overrides if each.urn == urn),
            tuple(each for each in entries if each.urn == urn),
        )
        for urn in urns
    }


async def _allocations_before(uow: UnitOfWork, since: Mapping[str, datetime]) -> list[Allocation]:
    """Those that were replaced or taken back since their school waits, as they stood when it last knew everything.

    Under a test clock all of a day is of one moment: what was told and then corrected on it had been told before.
    """
    rows = await uow.rows(
        "select distinct on (allocation_id) allocation_id, urn, person_id, lower(during), upper(during) "
        "from allocation_past join unnest($1::text[], $2::timestamptz[]) as waits (urn, since) using (urn) "
        "where recorded_at <= since and replaced_at >= since order by allocation_id, replaced_at",
        list(since),
        list(since.values()),
    )
    return as_each(Allocation, rows)


async def _entries_before(uow: UnitOfWork, urns: Sequence[str]) -> list[LaEntry]:
    """As they stood before they were withdrawn, and before the first lifting of which the school was not told.

    Of one that was withdrawn: lifted where the day of that had come by then.
    """
    rows = await uow.rows(
        """
        select e.entry_id, e.urn, e.category, e.from_date, e.recorded_at, e.review_on,
               (select case when w.recorded_at is null or l.lifted_on <= (w.recorded_at at time zone 'Europe/London')::date
                            then l.lifted_on end
                from la_lift l
                where l.entry_id = e.entry_id and l.lift_id < all (
                    select later.lift_id from la_lift later
                    join withheld h on (h.urn, h.correlation_id) = (e.urn, later.correlation_id)
                    where later.entry_id = e.entry_id and h.released_on is null)
                order by l.lift_id desc limit 1) as lifted_on
        from la_entry e left join la_withdrawal w using (entry_id)
        where e.urn = any($1::text[])
        order by e.entry_id
        """,
        urns,
    )
    return as_each(LaEntry, rows)


async def _overrides_as_set(uow: UnitOfWork, urns: Sequence[str]) -> list[Override]:
    """Those that were ended earlier or taken back, as they had been set."""
    rows = await uow.rows(
        "select distinct on (override_id) override_id, urn, matter, person_id, lower(during), upper(during), reason "
        "from routing_override_past where urn = any($1::text[]) and end_reason is null order by override_id, replaced_at",
        list(urns),
    )
    return as_each(Override, rows)


async def release(
    uow: UnitOfWork, urn: str, told_on: date, told_by: str, stories: Collection[UUID] | None = None
) -> list[UUID]:
    """The school was told on that day: the stories of acts up to then may go out, oldest first.

    What is of a later day waits on: she can't have been told of it (R0.8). ``stories``: only these were told of.
    """
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
        f"and {ACTED_ON} <= $2::date and ($3::uuid[] is null or correlation_id = any($3::uuid[])) "
        f"returning correlation_id, withheld_at, {ACTED_ON} as acted_on",
        urn,
        told_on,
        None if stories is None else list(stories),
    )
    if rows:
        await _forget_as_told(uow, urn)
    return [
        row.correlation_id for row in sorted(rows, key=lambda row: (row.acted_on, row.withheld_at, row.correlation_id))
    ]


async def acts_withheld(uow: UnitOfWork, urn: str) -> dict[UUID, tuple[date, list[str]]]:
    """Of each story of which the school was not told yet the day of its act, and which acts it tells of."""
    rows = await uow.rows(
        f"select w.correlation_id, {ACTED_ON} as acted_on, "
        f"array(select distinct {KIND} from withheld_fact f "
        "where (f.urn, f.correlation_id) = (w.urn, w.correlation_id) order by 1) as acts "
        "from withheld w where w.urn = $1 and w.released_on is null",
        urn,
    )
    return {row.correlation_id: (row.acted_on, list(row.acts)) for row in rows}


async def held_before(uow: UnitOfWork, urn: str, told_on: date, stories: Collection[UUID]) -> list[date]:
    """The days of other acts up to that day that were held back before the last of these stories was."""
    rows = await uow.rows(
        f"select distinct {ACTED_ON} as acted_on from withheld where urn = $1 and released_on is null "
        f"and {ACTED_ON} <= $2::date and correlation_id <> all($3::uuid[]) and withheld_at < "
        "(select max(withheld_at) from withheld where urn = $1 and released_on is null and correlation_id = any($3::uuid[])) "
        "order by 1",
        urn,
        told_on,
        list(stories),
    )
    return [row.acted_on for row in rows]


async def waits_of(uow: UnitOfWork, urn: str) -> list[date]:
    """The days of the acts of which the school was not told yet."""
    rows = await uow.rows(
        f"select distinct {ACTED_ON} as acted_on from withheld where urn = $1 and released_on is null order by 1", urn
    )
    return [row.acted_on for row in rows]


async def _forget_as_told(uow: UnitOfWork, urn: str) -> None:
    """What the school was answered by itself is over; where something still waits, it begins anew as it began before:
    with what was really answered when the first of that was held back.
    """
    await uow.execute("delete from answer_as_told where urn = $1", urn)
    first = await uow.row(
        f"select min(withheld_at) as since, min({ACTED_ON}) as acted_on from withheld "
        "where urn = $1 and released_on is null having count(*) > 0",
        urn,
    )
    if first is None:
        await uow.execute("delete from representation_as_told where urn = $1", urn)
        return
    await uow.execute(
        # After the product was away the answers of several days are recorded at once: those before the act were told.
        "insert into answer_as_told select * from answer where urn = $1 "
        "and (recorded_at < $2::timestamptz or (recorded_at = $2::timestamptz and from_date < $3::date))",
        urn,
        first.since,
        first.acted_on,
    )
    await uow.execute(
        "update representation_as_told r set category = "
        "(select category from answer_as_told a where a.urn = r.urn order by from_date desc limit 1) where urn = $1",
        urn,
    )


async def waiting_in(uow: UnitOfWork, authority: str) -> Sequence[Row[Any]]:
    """What is withheld from the schools of an authority, the oldest first."""
    return await uow.rows(
        f"select w.urn, w.correlation_id, w.withheld_at, {ACTED_ON} as acted_on from withheld w join school s using (urn) "
        "where s.authority = $1 and w.released_on is null order by w.withheld_at, w.urn, w.correlation_id",
        authority,
    )
