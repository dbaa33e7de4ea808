"""Who speaks for each school: the row that guards a school's decision, and the history of its answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.membership.domain.representation import Role, Speaker
from services.membership.domain.routing_policy import Matter
from services.membership.store.answers import AS_IS, Decided, Record, Recorded, save_answers
from services.membership.store.due import CONCERNED
from services.membership.store.rows import as_one
from shared.store import UnitOfWork


async def lock(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
    """Lock the representation of these schools, in order of URN, making rows where there are none.

    Whoever changes an input of a route does this first, before reading anything that he decides from.
    """
    ordered = sorted(set(urns))
    if ordered:
        await uow.rows(
            "insert into representation (urn) select urn from unnest($1::text[]) as new (urn) order by urn "
            "on conflict do nothing",
            ordered,
        )
        await uow.rows("select urn from representation where urn = any($1::text[]) order by urn for update", ordered)
    return ordered


# The schools that continue others, and those that continue them: further than this no line of the register goes.
GENERATIONS = 8
_HEIRS = f"""
    with recursive heir (root, urn, generation) as (
        select predecessor_urn, urn, 1 from continuity where predecessor_urn = any($1::text[])
        union
        select h.root, c.urn, h.generation + 1 from heir h join continuity c on c.predecessor_urn = h.urn
        where h.generation < {GENERATIONS} and c.urn <> h.root)
"""


async def heirs(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
    """The schools that continue one of these, at once or after others: its outcome may count for them."""
    rows = await uow.rows(f"{_HEIRS} select distinct urn from heir order by urn", sorted(set(urns)))
    return [row.urn for row in rows]


async def heirs_of(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, set[str]]:
    """Of each of these schools that others continue, at once or after others, those others."""
    rows = await uow.rows(f"{_HEIRS} select distinct root, urn from heir", sorted(set(urns)))
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.root].add(row.urn)
    return found


async def forebears(uow: UnitOfWork, urns: Iterable[str]) -> set[str]:
    """The schools that one of these continues, at once or after others."""
    return {urn for before in (await forebears_of(uow, urns)).values() for urn in before}


async def forebears_of(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, set[str]]:
    """Of each of these schools that continue others, at once or after others, those others."""
    rows = await uow.rows(
        f"""
        with recursive before (root, urn, generation) as (
            select urn, predecessor_urn, 1 from continuity where urn = any($1::text[])
            union
            select b.root, c.predecessor_urn, b.generation + 1 from before b join continuity c on c.urn = b.urn
            where b.generation < {GENERATIONS} and c.predecessor_urn <> b.root)
        select distinct root, urn from before
        """,
        sorted(set(urns)),
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.root].add(row.urn)
    return found


async def answered_since(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, date]:
    """The first day on which somebody was named for each of these schools, of those for which that has ever been."""
    rows = await uow.rows(
        "select urn, min(lower(during)) as since from speaker where urn = any($1::text[]) group by urn",
        sorted(set(urns)),
    )
    return {row.urn: row.since for row in rows}


async def spoken_for(uow: UnitOfWork, urns: Iterable[str]) -> set[str]:
    """Those of these schools for which a person, not a desk, spoke on a day before today."""
    rows = await uow.rows(
        "select distinct urn from speaker where urn = any($1::text[]) and person_id is not null "
        "and lower(during) < $2::date",
        sorted(set(urns)),
        uow.today,
    )
    return {row.urn for row in rows}


async def recorded(uow: UnitOfWork, urns: Sequence[str], of: Record = AS_IS) -> dict[str, Recorded]:
    speakers = await uow.rows(
        # One by one through the index, from the end: the older answers of a school cost nothing.
        "select asked.urn, asked.matter, role, rule, reason, office_id, body_id, trust_id, person_id, from_date as since "
        "from (select urn, matter from unnest($1::text[]) as a (urn) "
        "cross join (values ('general'), ('inspection')) as m (matter)) as asked cross join lateral ("
        f"select * from {of.answers} a where a.urn = asked.urn and a.matter = asked.matter "
        "order by a.from_date desc limit 1) as last where role is not null",
        list(urns),
    )
    known: dict[str, dict[Matter, Speaker]] = defaultdict(dict)
    since: dict[str, dict[Matter, date]] = defaultdict(dict)
    for row in speakers:
        known[row.urn][Matter(row.matter)] = Speaker(
            Role(row.role), row.rule, row.reason, row.office_id, row.body_id, row.trust_id, row.person_id
        )
        since[row.urn][Matter(row.matter)] = row.since
    rows = await uow.rows(
        "select urn, settled_on, category, because, because_ref, restricted, public_category, public_role "
        f"from {of.standings} where urn = any($1::text[])",
        list(urns),
    )
    return {
        row.urn: as_one(
            Recorded,
            (*row, known[row.urn].get(Matter.GENERAL), known[row.urn].get(Matter.INSPECTION), since[row.urn]),
        )
        for row in rows
    }


_DUE = """
    (select urn, next_due from representation where next_due <= $1::date
     union all select urn, next_due from representation_as_told where next_due <= $1::date) as waiting
"""


async def due(uow: UnitOfWork, day: date, *, at_most: int) -> list[str]:
    """Schools that have to be looked at again because a date among their facts has come, the earliest first."""
    rows = await uow.rows(
        f"select urn from {_DUE} where urn <> all({CONCERNED}) group by urn order by min(next_due), urn limit $2::integer",
        day,
        at_most,
    )
    return [row.urn for row in rows]


async def due_days(uow: UnitOfWork, urns: Sequence[str], day: date) -> dict[str, date]:
    rows = await uow.rows(
        f"select urn, min(next_due) as next_due from {_DUE} where urn = any($2::text[]) group by urn", day, list(urns)
    )
    return {row.urn: row.next_due for row in rows}


async def dates_to_come(uow: UnitOfWork, urns: Sequence[str], up_to: date) -> dict[str, date]:
    """Of these schools the first date among their facts that was not looked at, where it comes by that day."""
    rows = await uow.rows(
        "select urn, next_due from representation where urn = any($1::text[]) and next_due <= $2::date",
        list(urns),
        up_to,
    )
    return {row.urn: row.next_due for row in rows}


async def put_off_as_told(uow: UnitOfWork, days: Mapping[str, date | None]) -> None:
    """When these schools, which have something to be told, are looked at again as they know themselves."""
    if days:
        await uow.execute(
            "update representation_as_told r set next_due = n.next_due from unnest($1::text[], $2::date[]) "
            "as n (urn, next_due) where r.urn = n.urn",
            list(days),
            list(days.values()),
        )


async def save(uow: UnitOfWork, decided: Sequence[Decided], before: Mapping[str, Recorded], of: Record = AS_IS) -> None:
    """Write what was decided: one row a school, and a new period in the history of each answer that differs.

    Of a school that is closed, or not open yet, no category is told, so what was told last stays until it opens.
    """
    if not decided:
        return
    ordered = sorted(decided, key=lambda each: each.urn)
    await uow.execute(
        f"""
        update {of.standings} r
        set settled_on = n.settled_on, next_due = n.next_due, restricted = n.restricted, public_role = n.public_role,
            category = case when n.is_open then n.category else r.category end,
            because = case when n.is_open then n.because else r.because end,
            because_ref = case when n.is_open then n.because_ref else r.because_ref end,
            true_from = case when n.is_open then n.true_from else r.true_from end,
            public_category = case when n.is_open then n.public_category else r.public_category end
        from unnest($1::text[], $2::date[], $3::date[], $4::integer[], $5::text[], $6::text[], $7::date[], $8::boolean[],
                    $9::integer[], $10::text[], $11::boolean[])
             as n (urn, settled_on, next_due, category, because, because_ref, true_from, restricted, public_category,
                   public_role, is_open)
        where r.urn = n.urn
        """,
        [each.urn for each in ordered],
        [each.day for each in ordered],
        [each.next_due for each in ordered],
        [each.standing.category.value for each in ordered],
        [each.standing.category.because.value for each in ordered],
        [each.standing.category.ref for each in ordered],
        [each.standing.category.true_from for each in ordered],
        [each.standing.restricted for each in ordered],
        [each.standing.public_category.value for each in ordered],
        [each.standing.public_role for each in ordered],
        [each.is_open for each in ordered],
    )
    await save_answers(uow, ordered, before, of)
