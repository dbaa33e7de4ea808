"""What officers were asked of the authority's own entries, and what they answered. Only ever added to."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.la_entry import UnknownEntry
from services.membership.domain.review import Ask
from services.membership.store.schools import IS_CLOSED
from services.membership.store.two_numbers import IS_BELIEVED, IS_WITHDRAWN
from shared.store import UnitOfWork

# What was answered by a lifting is open again where that was taken back before its day.
_COUNTS = """
    (a.review_id = {this}.review_id and not (a.answer = 'lifted' and
        (select l.lifted_on from la_lift l where l.entry_id = {this}.entry_id order by l.lift_id desc limit 1) is null))
"""
_UNANSWERED = f"not exists (select from la_review_answer a where {_COUNTS})"

# Nothing is asked by an outcome that an officer has withdrawn; if she believes it after all, the question is open again. And
# where it stands under another number, since the first was mistyped, it asks on, unless it was asked about under that.
_STILL_ASKED = f"""
    {_UNANSWERED}
    and not ({{this}}.cause = 'outcome' and coalesce((
        select d.withdrawn from outcome_decision d where d.inspection_number = {{this}}.cause_ref and d.kind = 'graded'
        order by d.decision_id desc limit 1), false)
        and not exists (
            select from outcome wrong join outcome right_one
                on (right_one.urn, right_one.kind, right_one.inspection_started_on, right_one.published_on)
                    = (wrong.urn, wrong.kind, wrong.inspection_started_on, {{this}}.cause_on)
                and right_one.inspection_number <> wrong.inspection_number
            where wrong.inspection_number = {{this}}.cause_ref and wrong.kind = 'graded'
                and {IS_BELIEVED.format(this="wrong")} and {IS_BELIEVED.format(this="right_one")}
                and not {IS_WITHDRAWN.format(this="right_one")}
                and not exists (select from la_review other
                                where (other.entry_id, other.cause, other.cause_on, other.cause_ref)
                                    = ({{this}}.entry_id, 'outcome', {{this}}.cause_on, right_one.inspection_number))))
"""
_INSPECTED = """
    (select row(o.urn, o.inspection_started_on) from outcome o
     where (o.inspection_number, o.kind) = ({this}.cause_ref, 'graded') order by o.source_as_at desc, o.version desc limit 1)
"""
# The last answer that counts, joined to a question.
ANSWER = f"""
    lateral (select a.* from la_review_answer a where {_COUNTS.format(this="r")} order by a.answer_id desc limit 1) a on true
"""
UNANSWERED = _UNANSWERED.format(this="r")
STILL_ASKED = _STILL_ASKED.format(this="r")
# To her who is asked one inspection that stands under two numbers is one question: the first of the two.
SHOWN = f"""
    {STILL_ASKED}
    and not exists (
        select from la_review first
        where r.cause = 'outcome' and (first.entry_id, first.cause, first.cause_on) = (r.entry_id, r.cause, r.cause_on)
            and (first.asked_on, first.recorded_at, first.review_id) < (r.asked_on, r.recorded_at, r.review_id)
            and {_INSPECTED.format(this="first")} = {_INSPECTED.format(this="r")}
            and {_STILL_ASKED.format(this="first")})
"""


async def add_asks(uow: UnitOfWork, asks: Sequence[tuple[UUID, Ask, date]]) -> set[UUID]:
    """The ids of those of these questions that are new. Each with the day on which it is asked."""
    if not asks:
        return set()
    rows = await uow.rows(
        "insert into la_review (review_id, entry_id, urn, cause, cause_on, cause_ref, again, asked_on, recorded_at) "
        "select review_id, entry_id, urn, cause, cause_on, cause_ref, again, asked_on, $9::timestamptz "
        "from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::integer[], $8::date[]) "
        "as n (review_id, entry_id, urn, cause, cause_on, cause_ref, again, asked_on) on conflict do nothing "
        "returning review_id",
        [review_id for review_id, _, _ in asks],
        [each.entry_id for _, each, _ in asks],
        [each.urn for _, each, _ in asks],
        [each.cause.value for _, each, _ in asks],
        [each.on for _, each, _ in asks],
        [each.ref for _, each, _ in asks],
        [each.again for _, each, _ in asks],
        [on for _, _, on in asks],
        uow.now,
    )
    return {row.review_id for row in rows}


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
    """``answered``: kept, lifted, or withdrawn where the entry should never have been there; not-needed where nobody is asked any
    more. With what is known of the outcome, since it is asked about again when that gives another category.
    """
    if not review_ids:
        return
    await uow.execute(
        """
        insert into la_review_answer (review_id, answer, answered_on, answered_by, seen_version, recorded_at)
        select r.review_id, $2, $3::date, $4,
               case when r.cause = 'outcome' then (
                   select o.version from outcome o where (o.inspection_number, o.kind) = (r.cause_ref, 'graded')
                   order by o.source_as_at desc, o.version desc limit 1) end,
               $5::timestamptz
        from la_review r where r.review_id = any($1::uuid[])
        """,
        list(review_ids),
        answered,
        uow.today,
        by,
        uow.now,
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
        left join {ANSWER}
        where s.authority = $1
          and (not $3::boolean or {SHOWN} and not ({IS_CLOSED}))
        order by r.asked_on, r.urn, r.cause, r.cause_on, r.cause_ref, r.again
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
        "as taken_back, r.entry_id, r.cause, r.cause_on, r.cause_ref, r.again, r.asked_on, r.recorded_at, a.answer, "
        "a.answered_on, a.answered_by, a.recorded_at as answered_at "
        "from la_review r left join la_review_answer a using (review_id) "
        "where r.urn = $1 order by r.recorded_at, r.cause, r.cause_on, r.cause_ref, r.again, a.answer_id",
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
