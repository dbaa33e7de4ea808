"""What officers were asked of the authority's own entries, and what they answered. Only ever added to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.la_entry import UnknownEntry
from services.membership.domain.review import Ask
from services.membership.store.rows import insert_rows
from services.membership.store.schools import IS_CLOSED
from services.membership.store.two_numbers import IS_WITHDRAWN
from shared.messaging.cause import new_id
from shared.store import UnitOfWork

# Nothing is asked by an outcome that an officer has withdrawn; if she believes it after all, the question is open again. And
# where it stands under another number, since the first was mistyped, it asks on.
# What was answered by a lifting is open again where that was taken back before its day.
COUNTS = """
    (a.review_id = r.review_id and not (a.answer = 'lifted' and
        (select l.lifted_on from la_lift l where l.entry_id = r.entry_id order by l.lift_id desc limit 1) is null))
"""
UNANSWERED = f"not exists (select from la_review_answer a where {COUNTS})"
STILL_ASKED = f"""
    {UNANSWERED}
    and not (r.cause = 'outcome' and coalesce((
        select d.withdrawn from outcome_decision d where d.inspection_number = r.cause_ref and d.kind = 'graded'
        order by d.decision_id desc limit 1), false)
        and not exists (
            select from outcome wrong join outcome right_one
                on (right_one.urn, right_one.kind, right_one.inspection_started_on, right_one.published_on)
                    = (wrong.urn, wrong.kind, wrong.inspection_started_on, r.cause_on)
                and right_one.inspection_number <> wrong.inspection_number
            where wrong.inspection_number = r.cause_ref and wrong.kind = 'graded'
                and not {IS_WITHDRAWN.format(this="right_one")}))
"""


async def add_asks(uow: UnitOfWork, asks: Mapping[Ask, date]) -> list[tuple[UUID, Ask]]:
    """Those of these questions that nobody was asked before, each with its id. Asked on the day given for each."""
    ordered = sorted(asks, key=lambda each: (str(each.entry_id), each.cause, each.on, each.ref))
    if not ordered:
        return []
    rows = await uow.rows(
        "insert into la_review (review_id, entry_id, urn, cause, cause_on, cause_ref, asked_on, recorded_at) "
        "select review_id, entry_id, urn, cause, cause_on, cause_ref, asked_on, $8::timestamptz "
        "from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::date[]) "
        "as n (review_id, entry_id, urn, cause, cause_on, cause_ref, asked_on) on conflict do nothing "
        "returning review_id, entry_id, cause, cause_on, cause_ref",
        [new_id() for _ in ordered],
        [each.entry_id for each in ordered],
        [each.urn for each in ordered],
        [each.cause.value for each in ordered],
        [each.on for each in ordered],
        [each.ref for each in ordered],
        [asks[each] for each in ordered],
        uow.now,
    )
    asked = {(row.entry_id, row.cause, row.cause_on, row.cause_ref): row.review_id for row in rows}
    places = {(each.entry_id, each.cause.value, each.on, each.ref): each for each in ordered}
    return [(asked[place], each) for place, each in places.items() if place in asked]


async def learned_since_nobody_spoke(uow: UnitOfWork, asks: Sequence[Ask]) -> set[Ask]:
    """Those of these questions whose outcome became known, or was decided on, after the entry was made, and since somebody was
    named for the school last: nobody was asked then.
    """
    return await _learned(
        uow,
        asks,
        "(learned.recorded_at at time zone 'Europe/London')::date "
        ">= coalesce((select max(upper(k.during)) from speaker k where k.urn = n.urn), '-infinity')",
    )


async def learned_since_lifted(uow: UnitOfWork, asks: Sequence[Ask]) -> set[Ask]:
    """Those of these questions whose outcome became known, or was decided on, since the entry was first said to be lifted."""
    lifted = "(select min(l.recorded_at) from la_lift l where l.entry_id = n.entry_id)"
    return await _learned(uow, asks, f"learned.recorded_at >= {lifted}")


async def _learned(uow: UnitOfWork, asks: Sequence[Ask], since: str) -> set[Ask]:
    rows = await uow.rows(
        f"""
        select n.place
        from unnest($1::integer[], $2::uuid[], $3::text[], $4::text[]) as n (place, entry_id, urn, number)
        join la_entry e on e.entry_id = n.entry_id
        cross join lateral (
            (select recorded_at from outcome where inspection_number = n.number and kind = 'graded'
             order by source_as_at desc, version desc limit 1)
            union all
            select recorded_at from outcome_decision where inspection_number = n.number and kind = 'graded') learned
        where learned.recorded_at >= e.recorded_at and {since}
        """,
        list(range(len(asks))),
        [each.entry_id for each in asks],
        [each.urn for each in asks],
        [each.ref for each in asks],
    )
    return {asks[row.place] for row in rows}


async def open_reviews(uow: UnitOfWork, entry_ids: Sequence[UUID]) -> list[UUID]:
    rows = await uow.rows(
        f"select review_id from la_review r where entry_id = any($1::uuid[]) and {STILL_ASKED} order by review_id",
        list(entry_ids),
    )
    return [row.review_id for row in rows]


async def unanswered_reviews(uow: UnitOfWork, entry_ids: Sequence[UUID]) -> list[UUID]:
    """Those too that are not asked at present, since their outcome was withdrawn."""
    rows = await uow.rows(
        f"select review_id from la_review r where entry_id = any($1::uuid[]) and {UNANSWERED} order by review_id",
        list(entry_ids),
    )
    return [row.review_id for row in rows]


async def answer(uow: UnitOfWork, review_ids: Sequence[UUID], answered: str, *, by: str) -> None:
    """``answered``: kept, lifted, or withdrawn where the entry should never have been there."""
    await insert_rows(
        uow,
        "la_review_answer",
        "review_id, answer, answered_on, answered_by, recorded_at",
        "uuid text date text timestamptz",
        [(each, answered, uow.today, by, uow.now) for each in review_ids],
    )


async def add_keep(
    uow: UnitOfWork, entry_id: UUID, *, review_on: date, reason: str, kept_by: str, corrects: bool = False
) -> None:
    """Until when the entry stands before it is asked about. ``corrects``: nobody was asked, the date before was a slip."""
    await uow.execute(
        "insert into la_keep (entry_id, review_on, reason, kept_by, corrects, recorded_at) "
        "values ($1, $2::date, $3, $4, $5, $6::timestamptz)",
        entry_id,
        review_on,
        reason,
        kept_by,
        corrects,
        uow.now,
    )


async def school_of_entry(uow: UnitOfWork, entry_id: UUID) -> str:
    urn: str | None = await uow.value("select urn from la_entry where entry_id = $1", entry_id)
    if urn is None:
        raise UnknownEntry(entry_id)
    return urn


async def reviews_in(uow: UnitOfWork, authority: str, *, only_open: bool) -> list[dict[str, Any]]:
    """The questions about the authority's schools, the oldest first (restricted)."""
    rows = await uow.rows(
        f"""
        select r.review_id, r.entry_id, r.urn, s.name as school_name, e.category, e.from_date, r.cause, r.cause_on,
               r.cause_ref, r.asked_on, $2::date - r.asked_on as days, a.answer, a.answered_on, a.answered_by
        from la_review r join la_entry e using (entry_id) join school s on s.urn = r.urn
        left join lateral (select a.* from la_review_answer a where {COUNTS} order by a.answer_id desc limit 1) a on true
        where s.authority = $1
          and (not $3::boolean or {STILL_ASKED} and not ({IS_CLOSED}))
        order by r.asked_on, r.urn, r.cause, r.cause_on
        """,
        authority,
        uow.today,
        only_open,
    )
    return [dict(row._mapping) for row in rows]


async def reviews_recorded(uow: UnitOfWork, urn: str, known: date) -> list[dict[str, Any]]:
    """What was asked of a school's entries and answered, with the moments at which each was known (R0.4).

    ``taken_back``: it was answered by a lifting that was taken back, as known at the end of that day.
    """
    rows = await uow.rows(
        "select r.review_id, a.answer = 'lifted' and (select l.lifted_on from la_lift l where l.entry_id = r.entry_id "
        "and (l.recorded_at at time zone 'Europe/London')::date <= $2::date order by l.lift_id desc limit 1) is null "
        "as taken_back, r.entry_id, r.cause, r.cause_on, r.cause_ref, r.asked_on, r.recorded_at, a.answer, a.answered_on, "
        "a.answered_by, a.recorded_at as answered_at from la_review r left join la_review_answer a using (review_id) "
        "where r.urn = $1 order by r.recorded_at, r.cause, r.cause_on, a.answer_id",
        urn,
        known,
    )
    return [dict(row._mapping) for row in rows]


async def keeps_recorded(uow: UnitOfWork, urn: str) -> list[dict[str, Any]]:
    rows = await uow.rows(
        "select k.entry_id, k.review_on, k.reason, k.kept_by, k.corrects, k.recorded_at "
        "from la_keep k join la_entry e using (entry_id) where e.urn = $1 order by k.keep_id",
        urn,
    )
    return [dict(row._mapping) for row in rows]
