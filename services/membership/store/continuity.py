"""Which school continues which, and what was written because of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.body import Membership
from services.membership.domain.links import LINK_TYPES, Kind, Relation, Says
from services.membership.store.due import CONCERNED
from services.membership.store.rows import as_each
from shared.store import UnitOfWork


async def relations(uow: UnitOfWork, urns: Iterable[str]) -> list[Relation]:
    """Every relation in which one of these schools continues another or is continued."""
    rows = await uow.rows(
        # Joined, and not `= any`: a table that a large file is filling has no statistics yet, and is read whole for each piece.
        """
        select urn, predecessor_urn, kind, from_date, source, source_as_at
        from unnest($1::text[]) as asked (one) join continuity on urn = one
        union
        select urn, predecessor_urn, kind, from_date, source, source_as_at
        from unnest($1::text[]) as asked (one) join continuity on predecessor_urn = one
        """,
        sorted(set(urns)),
    )
    return [
        Relation(row.urn, row.predecessor_urn, Kind(row.kind), row.from_date, row.source, row.source_as_at)
        for row in rows
    ]


async def as_listed(uow: UnitOfWork, of: Iterable[Relation]) -> list[Relation]:
    """Of these relations those that Ofsted lists, too."""
    ordered = sorted((each.urn, each.predecessor_urn) for each in of)
    if not ordered:
        return []
    rows = await uow.rows(
        "select urn, predecessor_urn, source from continuity_listed "
        "join unnest($1::text[], $2::text[]) as n (urn, predecessor_urn) using (urn, predecessor_urn)",
        [urn for urn, _ in ordered],
        [predecessor for _, predecessor in ordered],
    )
    return [Relation(row.urn, row.predecessor_urn, Kind.LISTED, source=row.source) for row in rows]


async def save_relations(uow: UnitOfWork, new: Sequence[Relation]) -> None:
    ordered = sorted(new, key=lambda each: (each.urn, each.predecessor_urn))
    if ordered:
        await uow.execute(
            """
            insert into continuity (urn, predecessor_urn, kind, merged, from_date, source, source_as_at, recorded_at)
            select urn, predecessor_urn, kind, merged, from_date, source, source_as_at, $8::timestamptz
            from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::date[], $6::text[], $7::date[])
                 as n (urn, predecessor_urn, kind, merged, from_date, source, source_as_at)
            on conflict (urn, predecessor_urn) do update
            set kind = excluded.kind, merged = excluded.merged, from_date = excluded.from_date,
                source = excluded.source, source_as_at = excluded.source_as_at, recorded_at = excluded.recorded_at
            """,
            [each.urn for each in ordered],
            [each.predecessor_urn for each in ordered],
            [each.kind.value for each in ordered],
            [each.new_start for each in ordered],
            [each.from_date for each in ordered],
            [each.source for each in ordered],
            [each.source_as_at for each in ordered],
            uow.now,
        )


async def withdraw_relations(uow: UnitOfWork, old: Sequence[Relation]) -> None:
    ordered = sorted((each.urn, each.predecessor_urn) for each in old)
    if ordered:
        await uow.execute(
            "delete from continuity c using unnest($1::text[], $2::text[]) as n (urn, predecessor_urn) "
            "where (c.urn, c.predecessor_urn) = (n.urn, n.predecessor_urn)",
            [urn for urn, _ in ordered],
            [predecessor for _, predecessor in ordered],
        )
        await mark(uow, {urn for pair in ordered for urn in pair})


async def mark(uow: UnitOfWork, urns: Iterable[str]) -> None:
    """Have these schools followed up though nothing is written of them: triggers see no row that is taken away."""
    await uow.execute(
        "insert into to_follow (urn) select u.urn from unnest($1::text[]) as u (urn) "
        "where exists (select from followed f where f.urn = u.urn) or exists (select from continuity c where c.urn = u.urn) "
        "or exists (select from continuity c where c.predecessor_urn = u.urn) "
        "or exists (select from ask a where a.urn = u.urn and a.answered_at is null) order by u.urn",
        sorted(set(urns)),
    )


async def mark_linked(uow: UnitOfWork, urns: Iterable[str]) -> None:
    """Have these schools followed up where a link doesn't say which of the two continues the other: their closing does."""
    await uow.execute(
        "insert into to_follow (urn) select u.urn from unnest($1::text[]) as u (urn) "
        "where exists (select from school_link l where l.urn = u.urn and lower(l.link_type) = any($2::text[])) "
        "or exists (select from school_link l where l.linked_urn = u.urn and lower(l.link_type) = any($2::text[])) "
        "order by u.urn",
        sorted(set(urns)),
        [name for name, each in LINK_TYPES.items() if each.says is Says.ONE_OF_THEM],
    )


async def take_marked(uow: UnitOfWork, at_most: int) -> list[str]:
    """Schools about which something was written that may have to be followed, and no longer marked."""
    rows = await uow.rows(
        "delete from to_follow where mark in "
        f"(select mark from to_follow where urn <> all({CONCERNED}) order by mark limit $1::integer "
        "for update skip locked) returning urn",
        at_most,
    )
    return sorted({row.urn for row in rows})


async def marked(uow: UnitOfWork, at_most: int) -> list[str]:
    """Those that `take_marked` would take."""
    rows = await uow.rows(
        f"select urn from to_follow where urn <> all({CONCERNED}) order by mark limit $1::integer", at_most
    )
    return sorted({row.urn for row in rows})


async def take_mark(uow: UnitOfWork, urn: str) -> bool:
    """Whether this school was marked; now it isn't."""
    return await uow.execute("delete from to_follow where urn = $1", urn) > 0


@dataclass(frozen=True)
class Followed:
    """What was written because a school continues another or closed."""

    urn: str
    what: str
    subject: str
    on: date
    ref: str
    ended_before: date | None
    why: str


async def followed(uow: UnitOfWork, urns: Iterable[str]) -> list[Followed]:
    rows = await uow.rows(
        "select urn, what, subject, on_date, ref, ended_before, why from followed where urn = any($1::text[]) "
        "order by urn, what, subject",
        sorted(set(urns)),
    )
    return as_each(Followed, rows)


async def places_to_come_back(uow: UnitOfWork, urns: Iterable[str]) -> set[str]:
    """Of these schools those whose places ended with them, and are to be written again if they are open."""
    rows = await uow.rows(
        "select distinct f.urn from followed f join membership m on m.urn = f.urn and m.body_id::text = f.subject "
        "and upper(m.during) = f.on_date where f.what = 'end-of-place' and f.urn = any($1::text[]) and f.on_date <= $2::date",
        sorted(set(urns)),
        uow.today,
    )
    return {row.urn for row in rows}


async def save_followed(uow: UnitOfWork, new: Sequence[Followed]) -> None:
    ordered = sorted(new, key=lambda each: (each.urn, each.what, each.subject))
    if ordered:
        await uow.execute(
            """
            insert into followed (urn, what, subject, on_date, ref, ended_before, why, recorded_at)
            select urn, what, subject, on_date, ref, ended_before, why, $8::timestamptz
            from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::date[], $7::text[])
                 as n (urn, what, subject, on_date, ref, ended_before, why)
            on conflict (urn, what, subject) do update
            set on_date = excluded.on_date, ref = excluded.ref, ended_before = excluded.ended_before,
                why = excluded.why, recorded_at = excluded.recorded_at
            """,
            [each.urn for each in ordered],
            [each.what for each in ordered],
            [each.subject for each in ordered],
            [each.on for each in ordered],
            [each.ref for each in ordered],
            [each.ended_before for each in ordered],
            [each.why for each in ordered],
            uow.now,
        )


async def forget_followed(uow: UnitOfWork, old: Sequence[Followed]) -> None:
    ordered = sorted((each.urn, each.what, each.subject) for each in old)
    if ordered:
        await uow.execute(
            "delete from followed f using unnest($1::text[], $2::text[], $3::text[]) as n (urn, what, subject) "
            "where (f.urn, f.what, f.subject) = (n.urn, n.what, n.subject)",
            [urn for urn, _, _ in ordered],
            [what for _, what, _ in ordered],
            [subject for _, _, subject in ordered],
        )


async def end_members(uow: UnitOfWork, ended: Sequence[tuple[UUID, str, date, date | None]]) -> None:
    """Give these memberships, as (body, school, first day), another end; None takes an end back."""
    if ended:
        ordered = sorted(ended, key=lambda row: (str(row[0]), row[1], row[2]))
        await uow.execute(
            "update membership m set during = daterange(lower(m.during), n.until) "
            "from unnest($1::uuid[], $2::text[], $3::date[], $4::date[]) as n (body_id, urn, from_date, until) "
            "where (m.body_id, m.urn, lower(m.during)) = (n.body_id, n.urn, n.from_date)",
            [row[0] for row in ordered],
            [row[1] for row in ordered],
            [row[2] for row in ordered],
            [row[3] for row in ordered],
        )


async def take_back_members(uow: UnitOfWork, planned: Sequence[tuple[UUID, str, date]]) -> None:
    """Memberships that have not begun and were never told are not to be."""
    if planned:
        ordered = sorted(planned, key=lambda row: (str(row[0]), row[1], row[2]))
        await uow.execute(
            "delete from membership m using unnest($1::uuid[], $2::text[], $3::date[]) as n (body_id, urn, from_date) "
            "where (m.body_id, m.urn, lower(m.during)) = (n.body_id, n.urn, n.from_date)",
            [row[0] for row in ordered],
            [row[1] for row in ordered],
            [row[2] for row in ordered],
        )
        await mark(uow, {row[1] for row in ordered})


async def span_headships(uow: UnitOfWork, spans: Sequence[tuple[UUID, str, date, date, date | None]]) -> None:
    """Give these headships, as (person, school, first day), these days instead."""
    if spans:
        ordered = sorted(spans, key=lambda row: (str(row[0]), row[1], row[2]))
        await uow.execute(
            "update headship h set during = daterange(n.new_from, n.new_until) "
            "from unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::date[]) "
            "as n (person_id, urn, from_date, new_from, new_until) "
            "where (h.person_id, h.urn, lower(h.during)) = (n.person_id, n.urn, n.from_date)",
            [row[0] for row in ordered],
            [row[1] for row in ordered],
            [row[2] for row in ordered],
            [row[3] for row in ordered],
            [row[4] for row in ordered],
        )


async def span_allocations(uow: UnitOfWork, spans: Sequence[tuple[UUID, date, date | None]]) -> None:
    if spans:
        ordered = sorted(spans, key=lambda row: str(row[0]))
        await uow.execute(
            "update allocation a set during = daterange(n.new_from, n.new_until) "
            "from unnest($1::uuid[], $2::date[], $3::date[]) as n (allocation_id, new_from, new_until) "
            "where a.allocation_id = n.allocation_id",
            [row[0] for row in ordered],
            [row[1] for row in ordered],
            [row[2] for row in ordered],
        )


async def lead_members(uow: UnitOfWork, turned: Sequence[Membership]) -> None:
    """Whether these bodies lead their school, from the first day of the membership."""
    if turned:
        ordered = sorted(turned, key=lambda each: (str(each.body_id), each.urn, each.from_date))
        await uow.execute(
            "update membership m set lead = n.lead "
            "from unnest($1::uuid[], $2::text[], $3::date[], $4::boolean[]) as n (body_id, urn, from_date, lead) "
            "where (m.body_id, m.urn, lower(m.during)) = (n.body_id, n.urn, n.from_date)",
            [each.body_id for each in ordered],
            [each.urn for each in ordered],
            [each.from_date for each in ordered],
            [each.lead for each in ordered],
        )


async def name_lead(uow: UnitOfWork, urn: str, body_id: UUID, from_date: date, named_by: str) -> None:
    await uow.execute(
        "insert into lead_named (urn, from_date, body_id, named_by, recorded_at) "
        "values ($1, $2::date, $3::uuid, $4, $5::timestamptz) "
        "on conflict (urn, from_date) do update set body_id = excluded.body_id, named_by = excluded.named_by, "
        "recorded_at = excluded.recorded_at where lead_named.body_id <> excluded.body_id",
        urn,
        from_date,
        body_id,
        named_by,
        uow.now,
    )


@dataclass(frozen=True)
class LeadNamed:
    body_id: UUID
    named_by: str


Leads = Mapping[tuple[str, date], LeadNamed]


async def leads_from(uow: UnitOfWork, urns: Iterable[str]) -> Leads:
    """The body that was named to lead, by school and by the day from which, and by whom."""
    rows = await uow.rows(
        "select urn, from_date, body_id, named_by from lead_named where urn = any($1::text[])", sorted(set(urns))
    )
    return {(row.urn, row.from_date): LeadNamed(row.body_id, row.named_by) for row in rows}


def named_to_lead(leads: Leads, urn: str) -> list[tuple[date, UUID]]:
    """The bodies that were named to lead this school, with the days from which, in order."""
    return sorted((day, each.body_id) for (school, day), each in leads.items() if school == urn)


async def named_leads(uow: UnitOfWork, urns: Iterable[str]) -> dict[str, list[tuple[date, UUID]]]:
    """The same of each of these schools."""
    wanted = sorted(set(urns))
    leads = await leads_from(uow, wanted)
    return {urn: named_to_lead(leads, urn) for urn in wanted}


async def forget_leads(uow: UnitOfWork, named: Iterable[tuple[str, date]]) -> None:
    ordered = sorted(named)
    if ordered:
        await uow.execute(
            "delete from lead_named l using unnest($1::text[], $2::date[]) as n (urn, from_date) "
            "where (l.urn, l.from_date) = (n.urn, n.from_date)",
            [urn for urn, _ in ordered],
            [from_date for _, from_date in ordered],
        )


async def bodies_of_officers(uow: UnitOfWork, person_ids: Iterable[UUID]) -> list[UUID]:
    """The bodies in which one of these people holds or held an office."""
    rows = await uow.rows(
        "select distinct body_id from term where person_id = any($1::uuid[])", sorted(set(person_ids), key=str)
    )
    return [row.body_id for row in rows]


async def recorded_before_today(uow: UnitOfWork, authorities: Collection[str]) -> set[str]:
    """Authorities whose record of who speaks goes back further than today: what comes now is news there.

    One that has none is looked through whole.
    """
    if not authorities:
        return set()
    rows = await uow.rows(
        "select a.code from unnest($1::text[]) as a (code) where exists "
        "(select from school s join answer k using (urn) where s.authority = a.code and k.from_date < $2::date)",
        sorted(set(authorities)),
        uow.today,
    )
    return {row.code for row in rows}
