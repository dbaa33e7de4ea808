"""Bodies, terms of office and memberships: rows to aggregates and back, by hand."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body, Membership, UnknownBody
from services.membership.domain.office import Term, UnknownTerm
from services.membership.store.rows import as_each, as_one, insert_rows
from shared.store import UnitOfWork

_BODY = (
    "body_id, authority, kind, name, opened_on, closed_on, award_pence, award_year_starts, chair_office, "
    "deputy_office, acting_chair_office"
)
_AREAS = "array(select area from body_area where body_area.body_id = body.body_id order by area)"
_BODY_AND_AREAS = _BODY.replace("name, ", f"name, {_AREAS}, ")
_TERM = "term_id, office_id, body_id, post, person_id, lower(during), upper(during), route"


async def lock(uow: UnitOfWork, body_ids: Iterable[UUID]) -> dict[UUID, Body]:
    """The bodies, locked: who changes an office and who changes the members of a body take their turns. Before schools.

    Raises UnknownBody.
    """
    wanted = sorted(set(body_ids), key=str)
    rows = await uow.rows(
        f"select {_BODY_AND_AREAS} from body where body_id = any($1::uuid[]) order by body_id for update", wanted
    )
    found = {row.body_id: as_one(Body, row) for row in rows}
    for body_id in wanted:
        if body_id not in found:
            raise UnknownBody(body_id)
    return found


async def body(uow: UnitOfWork, body_id: UUID) -> Body:
    row = await uow.row(f"select {_BODY_AND_AREAS} from body where body_id = $1", body_id)
    if row is None:
        raise UnknownBody(body_id)
    return as_one(Body, row)


async def bodies(uow: UnitOfWork, body_ids: Iterable[UUID]) -> dict[UUID, Body]:
    wanted = sorted(set(body_ids), key=str)
    rows = (
        await uow.rows(f"select {_BODY_AND_AREAS} from body where body_id = any($1::uuid[])", wanted) if wanted else []
    )
    return {row.body_id: as_one(Body, row) for row in rows}


async def add_bodies(uow: UnitOfWork, new: Sequence[Body]) -> None:
    await insert_rows(
        uow,
        "body",
        _BODY,
        "uuid text text text date date bigint text uuid uuid uuid",
        [
            (
                each.body_id,
                each.authority,
                each.kind,
                each.name,
                each.opened_on,
                each.closed_on,
                each.award_pence,
                each.award_year_starts,
                each.chair_office,
                each.deputy_office,
                each.acting_chair_office,
            )
            for each in sorted(new, key=lambda each: str(each.body_id))
        ],
    )
    lies_in = sorted(
        {(each.body_id, area) for each in new for area in each.areas}, key=lambda row: (str(row[0]), row[1])
    )
    await insert_rows(uow, "body_area", "body_id, area", "uuid text", lies_in)


async def close(uow: UnitOfWork, body_id: UUID, closed_on: date | None) -> None:
    """None: it doesn't close. What was recorded before stays among what was replaced."""
    await uow.execute("update body set closed_on = $2::date where body_id = $1", body_id, closed_on)


async def terms(uow: UnitOfWork, body_ids: Iterable[UUID]) -> list[Term]:
    rows = await uow.rows(
        f"select {_TERM} from term where body_id = any($1::uuid[]) order by lower(during), term_id",
        sorted(set(body_ids), key=str),
    )
    return as_each(Term, rows)


async def terms_before(uow: UnitOfWork, term_ids: Iterable[UUID]) -> list[Term]:
    """These as they had been entered, where they were ended, corrected or withdrawn since."""
    rows = await uow.rows(
        f"select {_TERM} from term_past where term_id = any($1::uuid[])", sorted(set(term_ids), key=str)
    )
    return as_each(Term, rows)


async def members_before(uow: UnitOfWork, urns: Iterable[str]) -> list[Membership]:
    """The places of these schools as they had been entered, where they were ended, corrected or withdrawn since."""
    rows = await uow.rows(
        "select body_id, urn, lower(during), upper(during), lead from membership_past where urn = any($1::text[])",
        sorted(set(urns)),
    )
    return as_each(Membership, rows)


async def term(uow: UnitOfWork, term_id: UUID) -> Term:
    row = await uow.row(f"select {_TERM} from term where term_id = $1", term_id)
    if row is None:
        raise UnknownTerm(term_id)
    return as_one(Term, row)


async def terms_of_person(uow: UnitOfWork, person_id: UUID) -> list[Term]:
    return await terms_of_people(uow, [person_id])


async def terms_of_people(uow: UnitOfWork, people: Iterable[UUID]) -> list[Term]:
    """Person by person."""
    rows = await uow.rows(
        f"select {_TERM} from term where person_id = any($1::uuid[]) order by person_id::text, lower(during), term_id",
        sorted(set(people), key=str),
    )
    return as_each(Term, rows)


async def known_terms(uow: UnitOfWork, term_ids: Collection[UUID]) -> set[UUID]:
    """Which of these are terms of whatever body."""
    if not term_ids:
        return set()
    rows = await uow.rows("select term_id from term where term_id = any($1::uuid[])", sorted(term_ids, key=str))
    return {row.term_id for row in rows}


async def add_terms(uow: UnitOfWork, new: Sequence[Term]) -> None:
    await insert_rows(
        uow,
        "term",
        "term_id, office_id, body_id, post, person_id, during, route, recorded_at",
        "uuid uuid uuid text uuid daterange text timestamptz",
        [
            (
                each.term_id,
                each.office_id,
                each.body_id,
                each.post,
                each.person_id,
                (each.from_date, each.until),
                each.route,
                uow.now,
            )
            for each in sorted(new, key=lambda each: str(each.term_id))
        ],
    )


async def end_term(uow: UnitOfWork, ended: Term, reason: str | None) -> None:
    await uow.execute(
        "update term set during = daterange(lower(during), $2::date), end_reason = $3 where term_id = $1",
        ended.term_id,
        ended.until,
        reason,
    )


async def rewrite_term(uow: UnitOfWork, term: Term) -> None:
    """The term as it is known now; what had been entered stays among what was replaced."""
    await uow.execute(
        "update term set person_id = $2, during = daterange($3::date, $4::date), "
        "end_reason = case when $4::date is not null then end_reason end where term_id = $1",
        term.term_id,
        term.person_id,
        term.from_date,
        term.until,
    )


async def remove_term(uow: UnitOfWork, term_id: UUID) -> None:
    await uow.execute("delete from term where term_id = $1", term_id)


async def end_reasons(uow: UnitOfWork, term_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What was entered as the reason, of those terms that somebody ended."""
    rows = await uow.rows(
        "select term_id, end_reason from term where term_id = any($1::uuid[]) and end_reason is not null",
        list(term_ids),
    )
    return {row.term_id: row.end_reason for row in rows}


async def names(uow: UnitOfWork, body_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = await uow.rows(
        "select body_id, name from body where body_id = any($1::uuid[])", sorted(set(body_ids), key=str)
    )
    return {row.body_id: row.name for row in rows}


async def members(uow: UnitOfWork, body_ids: Iterable[UUID]) -> list[Membership]:
    rows = await uow.rows(
        "select body_id, urn, lower(during), upper(during), lead from membership where body_id = any($1::uuid[]) "
        "order by urn, lower(during)",
        sorted(set(body_ids), key=str),
    )
    return as_each(Membership, rows)


async def members_of_schools(uow: UnitOfWork, urns: Iterable[str]) -> list[Membership]:
    rows = await uow.rows(
        "select body_id, urn, lower(during), upper(during), lead from membership where urn = any($1::text[])",
        sorted(set(urns)),
    )
    return as_each(Membership, rows)


async def led_schools(uow: UnitOfWork, body_ids: Iterable[UUID], since: date) -> list[str]:
    """Schools whose lead body one of these is, on that day or a later one."""
    rows = await uow.rows(
        "select distinct urn from membership where body_id = any($1::uuid[]) and lead "
        "and (upper(during) is null or upper(during) > $2::date) order by urn",
        sorted(set(body_ids), key=str),
        since,
    )
    return [row.urn for row in rows]


async def led_by_each(uow: UnitOfWork, body_ids: Iterable[UUID], on: date) -> dict[UUID, list[str]]:
    """Of each of these bodies the schools whose lead body it is on that day: no school has two."""
    rows = await uow.rows(
        "select body_id, urn from membership "
        "where body_id = any($1::uuid[]) and lead and during @> $2::date order by urn",
        sorted(set(body_ids), key=str),
        on,
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        found[row.body_id].append(row.urn)
    return found


async def add_members(uow: UnitOfWork, new: Sequence[Membership]) -> None:
    await insert_rows(
        uow,
        "membership",
        "body_id, urn, during, lead, recorded_at",
        "uuid text daterange boolean timestamptz",
        [
            (each.body_id, each.urn, (each.from_date, each.until), each.lead, uow.now)
            for each in sorted(new, key=lambda each: (str(each.body_id), each.urn, each.from_date))
        ],
    )
