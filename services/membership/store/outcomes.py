"""Published outcomes, the authority's own entries, and which school continues which. Only ever added to."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.membership.domain.category import Continuity, Outcome
from services.membership.domain.la_entry import LaEntry, UnknownEntry
from services.membership.domain.report_card import ReportCard
from services.membership.store.as_known import FAR
from services.membership.store.rows import as_each, as_one, insert_rows
from services.membership.store.two_numbers import ENTERED as ENTERED
from shared.store import UnitOfWork

# An inspection is what its latest source says of it; whichever came later of one day. It keeps its first place in the
# order in which outcomes were recorded. Whether it counts is for officers to say: no source undoes a withdrawal.
OUTCOMES = """
    select latest.urn, latest.inspection_number, latest.kind, inspection_started_on, published_on,
           first_recorded_at as recorded_at, headline, category_of_concern, quality_of_education, leadership,
           safeguarding_effective, report_card::text as report_card,
           coalesce((select d.withdrawn from outcome_decision d
                     where (d.inspection_number, d.kind) = (latest.inspection_number, latest.kind)
                       and d.recorded_at < $3::timestamptz
                     order by d.decision_id desc limit 1), false) as withdrawn, source_as_at
    from (select inspection_number, kind from outcome where urn = any($1::text[])
          union
          select inspection_number, kind from outcome where inspection_number = any($2::text[])) asked
    -- One by one through the index: joined to the whole table this would take the longer, the more there is in it.
    cross join lateral (
        select o.*, min(o.recorded_at) over () as first_recorded_at
        from outcome o
        where o.inspection_number = asked.inspection_number and o.kind = asked.kind and o.recorded_at < $3::timestamptz
        order by o.source_as_at desc, o.version desc
        limit 1) latest
    where latest.urn = any($1::text[]) or latest.inspection_number = any($2::text[])
"""

# Of several decisions on the lifting of an entry the latest counts; without a day it stands on. One that was withdrawn is
# lifted before it has a day.
ENTRIES = """
    select e.entry_id, e.urn, e.category, e.from_date, e.recorded_at,
           coalesce((select k.review_on from la_keep k where k.entry_id = e.entry_id and k.recorded_at < $2::timestamptz
                     order by k.keep_id desc limit 1), e.review_on) as review_on,
           case when exists (select from la_withdrawal w where w.entry_id = e.entry_id and w.recorded_at < $2::timestamptz)
                then e.from_date
                else (select l.lifted_on from la_lift l where l.entry_id = e.entry_id and l.recorded_at < $2::timestamptz
                      order by l.lift_id desc limit 1) end as lifted_on
    from la_entry e
    where (e.urn = any($1::text[]) or e.entry_id = any($3::uuid[])) and e.recorded_at < $2::timestamptz
"""

_TURNS = 0x0F57ED  # the first key of locks that nobody else takes


async def take_turns(uow: UnitOfWork, numbers: Iterable[str]) -> None:
    """Whoever enters or withdraws one of these inspections waits for whoever did so before.

    Of one that nobody knows yet there is no row to lock. Called before any school is locked.
    """
    await uow.rows(
        "select pg_advisory_xact_lock($1::integer, turn) from "
        "(select distinct abs(hashtext(number) % 1024) as turn from unnest($2::text[]) as n (number) order by turn) turns",
        _TURNS,
        list(numbers),
    )


async def outcomes_of(
    uow: UnitOfWork, urns: Iterable[str], *, numbers: Iterable[str] = (), before: datetime = FAR
) -> list[Outcome]:
    """What is known of the inspections of these schools, and of the inspections of these numbers."""
    rows = await uow.rows(OUTCOMES, sorted(set(urns)), sorted(set(numbers)), before)
    return [_outcome_from(row) for row in rows]


def _outcome_from(row: Any) -> Outcome:
    known = dict(row._mapping)
    card = known.pop("report_card")
    return Outcome(**known, report_card=ReportCard.of(json.loads(card)) if card else None)


async def inspections(uow: UnitOfWork, numbers: Iterable[str]) -> dict[tuple[str, str], Outcome]:
    """What is known now of the inspections of these numbers, withdrawn ones too, by (inspection number, kind)."""
    return {each.identity: each for each in await outcomes_of(uow, [], numbers=numbers)}


async def versions(uow: UnitOfWork, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Outcome]:
    """What certain versions say of graded inspections, by (inspection number, version)."""
    asked = sorted(set(wanted))
    if not asked:
        return {}
    rows = await uow.rows(
        "select o.urn, o.inspection_number, o.kind, inspection_started_on, published_on, recorded_at, headline, "
        "category_of_concern, quality_of_education, leadership, safeguarding_effective, report_card::text as report_card "
        "from unnest($1::text[], $2::integer[]) with ordinality as n (number, version, place) "
        "join outcome o on (o.inspection_number, o.kind, o.version) = (n.number, 'graded', n.version) order by place",
        *(list(column) for column in zip(*asked, strict=True)),
    )
    return dict(zip(asked, map(_outcome_from, rows), strict=True))


async def add_outcomes(uow: UnitOfWork, new: Sequence[tuple[Outcome, str | None]], source: str) -> None:
    """Add outcomes, each with the link of its report; of an inspection already known, a further version."""
    if not new:
        return
    ordered = sorted(new, key=lambda each: each[0].identity)
    await uow.execute(
        """
        insert into outcome (urn, inspection_number, kind, version, inspection_started_on, published_on, headline,
                             category_of_concern, quality_of_education, leadership, safeguarding_effective, report_link,
                             report_card, source_as_at, source, recorded_at)
        select n.urn, n.inspection_number, n.kind,
               1 + coalesce((select max(o.version) from outcome o
                             where (o.inspection_number, o.kind) = (n.inspection_number, n.kind)), 0),
               inspection_started_on, published_on, headline, category_of_concern, quality_of_education, leadership,
               safeguarding_effective, report_link, report_card::jsonb, source_as_at, $13, $14::timestamptz
        from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::integer[], $7::text[], $8::integer[],
                    $9::integer[], $10::boolean[], $11::text[], $12::date[], $15::text[])
             as n (urn, inspection_number, kind, inspection_started_on, published_on, headline, category_of_concern,
                   quality_of_education, leadership, safeguarding_effective, report_link, source_as_at, report_card)
        """,
        [each.urn for each, _ in ordered],
        [each.inspection_number for each, _ in ordered],
        [each.kind for each, _ in ordered],
        [each.inspection_started_on for each, _ in ordered],
        [each.published_on for each, _ in ordered],
        [each.headline for each, _ in ordered],
        [each.category_of_concern for each, _ in ordered],
        [each.quality_of_education for each, _ in ordered],
        [each.leadership for each, _ in ordered],
        [each.safeguarding_effective for each, _ in ordered],
        [link for _, link in ordered],
        [each.source_as_at for each, _ in ordered],
        source,
        uow.now,
        [json.dumps(each.report_card.as_names()) if each.report_card else None for each, _ in ordered],
    )


async def add_decisions(
    uow: UnitOfWork,
    inspections: Iterable[tuple[str, str]],
    *,
    withdrawn: bool,
    reason: str,
    by: str,
    seen_version: int | None = None,
) -> None:
    """An officer has withdrawn what is listed of these inspections, or believes it again."""
    await insert_rows(
        uow,
        "outcome_decision",
        "inspection_number, kind, withdrawn, decided_on, reason, decided_by, seen_version, recorded_at",
        "text text boolean date text text integer timestamptz",
        [(*each, withdrawn, uow.today, reason, by, seen_version, uow.now) for each in sorted(inspections)],
    )


@dataclass(frozen=True)
class Listed:
    """The version of an inspection that is believed of all that are listed."""

    version: int
    report_link: str | None


async def listed(uow: UnitOfWork, inspection_number: str, kind: str) -> Listed:
    row = await uow.row(
        "select version, report_link from outcome where (inspection_number, kind) = ($1, $2) "
        "order by source_as_at desc, version desc limit 1",
        inspection_number,
        kind,
    )
    assert row is not None
    return as_one(Listed, row)


Said = tuple[str, str, str]  # for which school an inspection is: its number, its kind, the URN

# Each version of these inspections beside the one that is believed.
_BESIDE_BELIEVED = """
    from outcome o cross join lateral (
        select urn, source from outcome l where (l.inspection_number, l.kind) = (o.inspection_number, o.kind)
        order by l.source_as_at desc, l.version desc limit 1) believed
"""


async def said_first_by_a_file(uow: UnitOfWork, said: Iterable[Said]) -> set[Said]:
    """Of what a file says: where another school is believed, as somebody entered it, and no file said so before."""
    asked = sorted(set(said))
    if not asked:
        return set()
    rows = await uow.rows(
        f"""
        select inspection_number, kind, n.urn
        from unnest($1::text[], $2::text[], $3::text[]) as n (inspection_number, kind, urn)
        where (select bool_or(believed.urn <> n.urn and believed.source = $4) and not bool_or(o.urn = n.urn and o.source <> $4)
               {_BESIDE_BELIEVED}
               where (o.inspection_number, o.kind) = (n.inspection_number, n.kind))
        """,
        *(list(column) for column in zip(*asked, strict=True)),
        ENTERED,
    )
    return {(row.inspection_number, row.kind, row.urn) for row in rows}


async def listed_elsewhere(uow: UnitOfWork, numbers: Iterable[str]) -> set[Said]:
    """What files say otherwise of inspections that are believed as they had been entered before."""
    rows = await uow.rows(
        f"""
        select distinct o.inspection_number, o.kind, o.urn {_BESIDE_BELIEVED}
        where o.inspection_number = any($1::text[]) and o.source <> $2 and believed.source = $2 and o.urn <> believed.urn
          and o.version > (select min(h.version) from outcome h where h.source = $2 and h.urn = believed.urn
                           and (h.inspection_number, h.kind) = (o.inspection_number, o.kind))
        """,
        sorted(set(numbers)),
        ENTERED,
    )
    return {(row.inspection_number, row.kind, row.urn) for row in rows}


async def add_continuities(uow: UnitOfWork, new: Iterable[Continuity], source: str) -> set[Continuity]:
    """Record which school continues which. What was not known as it is now.

    It is kept beside what links say of the two, since it counts again where they don't any more.
    """
    wanted = sorted(set(new), key=lambda each: (each.urn, each.predecessor_urn))
    if not wanted:
        return set()
    # Once a source has called it a merger it stays one: a listing that doesn't say is no evidence against it.
    rows = await uow.rows(
        "with new as (select urn, predecessor_urn, merged "
        "from unnest($1::text[], $2::text[], $3::boolean[]) as n (urn, predecessor_urn, merged)), "
        "listed as (insert into continuity_listed (urn, predecessor_urn, source, recorded_at) "
        "select urn, predecessor_urn, $4, $5::timestamptz from new on conflict do nothing) "
        "insert into continuity as c (urn, predecessor_urn, merged, source, recorded_at) "
        "select urn, predecessor_urn, merged, $4, $5::timestamptz from new "
        "on conflict (urn, predecessor_urn) do update set merged = true, source = excluded.source "
        "where excluded.merged and not c.merged returning urn, predecessor_urn, merged",
        [each.urn for each in wanted],
        [each.predecessor_urn for each in wanted],
        [each.merged for each in wanted],
        source,
        uow.now,
    )
    return set(as_each(Continuity, rows))


async def la_entries(uow: UnitOfWork, urn: str) -> list[LaEntry]:
    return as_each(LaEntry, await uow.rows(ENTRIES, [urn], FAR, []))


async def la_entries_of(uow: UnitOfWork, urns: Sequence[str]) -> list[LaEntry]:
    return as_each(LaEntry, await uow.rows(ENTRIES, list(urns), FAR, []))


async def why_entered(uow: UnitOfWork, entry_id: UUID) -> Any:
    """The reason of an entry, and who set it."""
    return await uow.row("select reason, set_by from la_entry where entry_id = $1", entry_id)


async def add_la_entry(uow: UnitOfWork, entry: LaEntry, *, reason: str, set_by: str) -> None:
    await uow.execute(
        "insert into la_entry (entry_id, urn, category, from_date, reason, review_on, set_by, recorded_at) "
        "values ($1, $2, $3, $4::date, $5, $6::date, $7, $8::timestamptz)",
        entry.entry_id,
        entry.urn,
        entry.category,
        entry.from_date,
        reason,
        entry.review_on,
        set_by,
        entry.recorded_at,
    )


async def add_la_lifts(
    uow: UnitOfWork,
    entry_ids: Sequence[UUID],
    *,
    lifted_on: date | None,
    reason: str,
    lifted_by: str,
    story_of: UUID | None = None,
) -> None:
    """``lifted_on``: None where what was to come is taken back. ``story_of``: in which it is said, where not in the unit's own."""
    await insert_rows(
        uow,
        "la_lift",
        "entry_id, lifted_on, reason, lifted_by, correlation_id, recorded_at",
        "uuid date text text uuid timestamptz",
        [(each, lifted_on, reason, lifted_by, story_of or uow.cause.correlation_id, uow.now) for each in entry_ids],
    )


async def lifted_by_others(uow: UnitOfWork, entry_ids: Sequence[UUID], who: str) -> set[UUID]:
    """Those of these entries of whose lifting, or its being taken back, somebody else has decided last."""
    if not entry_ids:
        return set()
    rows = await uow.rows(
        "select distinct on (entry_id) entry_id, lifted_by from la_lift where entry_id = any($1::uuid[]) "
        "order by entry_id, lift_id desc",
        list(entry_ids),
    )
    return {row.entry_id for row in rows if row.lifted_by != who}


async def kept_by_officers(uow: UnitOfWork, entry_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these entries of which somebody has said that they stand, and until when."""
    if not entry_ids:
        return set()
    rows = await uow.rows("select distinct entry_id from la_keep where entry_id = any($1::uuid[])", list(entry_ids))
    return {row.entry_id for row in rows}


async def la_entry(uow: UnitOfWork, entry_id: UUID) -> LaEntry:
    """An entry of the authority by its id. Raises UnknownEntry."""
    row = await uow.row(ENTRIES, [], FAR, [entry_id])
    if row is None:
        raise UnknownEntry(entry_id)
    return as_one(LaEntry, row)


async def withdraw_la_entry(uow: UnitOfWork, entry_id: UUID, *, reason: str, withdrawn_by: str) -> None:
    await uow.execute(
        "insert into la_withdrawal (entry_id, reason, withdrawn_by, recorded_at) values ($1, $2, $3, $4::timestamptz)",
        entry_id,
        reason,
        withdrawn_by,
        uow.now,
    )
