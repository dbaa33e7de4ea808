"""Reads for pages and other programs: SQL that gives rows, with no aggregate in between."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.body import UnknownBody
from services.membership.domain.school import UnknownSchool
from services.membership.store.answers import AS_IS, Record
from shared.store import UnitOfWork


def _dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in rows]


_SCHOOL = """
    select s.urn, s.authority, s.name, s.phase, s.type_code, s.status, s.announced_open as open, s.opened_on, s.closed_on,
           s.postcode_district, s.area, s.region, s.trust_id, s.trust_name, s.source, s.source_as_at
    from school s
"""


async def schools_of(uow: UnitOfWork, authority: str) -> list[dict[str, Any]]:
    return _dicts(await uow.rows(f"{_SCHOOL} where s.authority = $1 order by s.urn", authority))


async def school(uow: UnitOfWork, urn: str) -> dict[str, Any]:
    rows = await uow.rows(f"{_SCHOOL} where s.urn = $1", urn)
    if not rows:
        raise UnknownSchool(urn)
    bodies = await uow.rows(
        "select m.body_id, b.name, b.kind, m.lead, lower(m.during) as from_date, upper(m.during) as until "
        "from membership m join body b using (body_id) where m.urn = $1 order by lower(m.during)",
        urn,
    )
    return {**dict(rows[0]._mapping), "bodies": _dicts(bodies)}


_ANSWER = """
    select k.urn, s.name as school_name, s.authority, k.matter, k.role, k.rule, k.reason, k.office_id, k.body_id,
           b.name as body_name, k.trust_id, (
               select t.trust_name from school_in_trust t where t.urn = k.urn and t.trust_id = k.trust_id
               order by lower(t.during) desc limit 1) as trust_name,
           k.person_id, k.category, k.policy, k.policy_version, lower(k.during) as valid_from,
           upper(k.during) as valid_until, k.recorded_at
    from {answers} k
    join school s on s.urn = k.urn
    left join body b on b.body_id = k.body_id
"""
_SPEAKER = _ANSWER.format(answers=AS_IS.periods)


async def speaker(uow: UnitOfWork, urn: str, matter: str, on: date, of: Record = AS_IS) -> dict[str, Any] | None:
    select = _ANSWER.format(answers=of.periods)
    rows = await uow.rows(f"{select} where k.urn = $1 and k.matter = $2 and k.during @> $3::date", urn, matter, on)
    return dict(rows[0]._mapping) if rows else None


async def speakers(uow: UnitOfWork, authority: str, on: date) -> list[dict[str, Any]]:
    """The stored answers for every school of the authority that somebody speaks for that day, both matters."""
    return _dicts(
        await uow.rows(
            f"{_SPEAKER} where s.authority = $1 and k.during @> $2::date order by k.urn, k.matter", authority, on
        )
    )


async def first_dates(uow: UnitOfWork, authority: str) -> dict[str, date]:
    """Of the schools of the authority the first date among their facts that was not looked at yet, past or to come."""
    rows = await uow.rows(
        "select urn, next_due from representation join school using (urn) where authority = $1 and next_due is not null",
        authority,
    )
    return {row.urn: row.next_due for row in rows}


async def between_answers(
    uow: UnitOfWork, urn: str, matter: str, on: date, of: Record
) -> tuple[date | None, date | None]:
    """Of a day without an answer: since when there was none, and until when. None: nobody was ever named before, or after."""
    rows = await uow.rows(
        "select max(upper(during)) filter (where upper(during) <= $3::date) as since, "
        f"min(lower(during)) filter (where lower(during) > $3::date) as until from {of.periods} where urn = $1 and matter = $2",
        urn,
        matter,
        on,
    )
    return rows[0].since, rows[0].until


async def first_answer(uow: UnitOfWork, urn: str, of: Record = AS_IS) -> date | None:
    found: date | None = await uow.value(f"select min(lower(during)) from {of.periods} where urn = $1", urn)
    return found


async def answers_of(uow: UnitOfWork, authority: str) -> list[dict[str, Any]]:
    """The whole history of answers of an authority, to check that there is always exactly one."""
    return _dicts(
        await uow.rows(
            "select k.urn, k.matter, lower(k.during) as valid_from, upper(k.during) as valid_until, k.role, k.rule, "
            "k.office_id, k.body_id, k.trust_id, k.person_id, k.category, k.policy, k.policy_version "
            "from speaker k join school s using (urn) where s.authority = $1 order by k.urn, k.matter, lower(k.during)",
            authority,
        )
    )


async def person(uow: UnitOfWork, person_id: UUID | None) -> dict[str, Any] | None:
    if person_id is None:
        return None
    row = await uow.row("select person_id, name, email, telephone from person where person_id = $1", person_id)
    return dict(row._mapping) if row is not None else None


async def place(uow: UnitOfWork, urn: str, body_id: UUID | None, trust_id: str | None) -> dict[str, Any]:
    """What the body and the school's trust are called."""
    row = await uow.row(
        "select (select name from body where body_id = $1) as body_name, "
        "(select t.trust_name from school_in_trust t where t.urn = $2 and t.trust_id = $3 "
        "order by lower(t.during) desc limit 1) as trust_name",
        body_id,
        urn,
        trust_id,
    )
    assert row is not None
    return dict(row._mapping)


_DESK = (
    "select d.desk, d.mailbox, d.telephone, p.name as officer_of_the_day "
    "from desk d left join person p on p.person_id = d.officer_of_the_day where d.authority = $1"
)


async def desk(uow: UnitOfWork, authority: str, name: str) -> dict[str, Any] | None:
    row = await uow.row(f"{_DESK} and d.desk = $2", authority, name)
    return dict(row._mapping) if row is not None else None


async def desks_of(uow: UnitOfWork, authority: str) -> list[dict[str, Any]]:
    return _dicts(await uow.rows(f"{_DESK} order by d.desk", authority))


_BODY = """
    select b.body_id, b.authority, b.kind, b.name, case when cardinality(lies.areas) = 1 then lies.areas[1] end as area, lies.areas,
           b.opened_on, b.closed_on, b.award_pence, b.award_year_starts
    from body b
    cross join lateral (select array(select area from body_area where body_area.body_id = b.body_id order by area))
        as lies (areas)
"""


async def bodies_of(uow: UnitOfWork, authority: str, on: date) -> list[dict[str, Any]]:
    found = _dicts(await uow.rows(f"{_BODY} where b.authority = $1 order by b.kind, b.name, b.body_id", authority))
    ids = [each["body_id"] for each in found]
    sizes = await uow.rows(
        "select body_id, count(*) as schools from membership where body_id = any($1::uuid[]) and during @> $2::date "
        "group by body_id",
        ids,
        on,
    )
    size_of = {row.body_id: row.schools for row in sizes}
    held = await _offices(uow, ids, on)
    for each in found:
        each["schools"] = size_of.get(each["body_id"], 0)
        each["offices"] = [office for office in held if office["body_id"] == each["body_id"]]
    return found


async def body(uow: UnitOfWork, body_id: UUID, on: date) -> dict[str, Any]:
    rows = await uow.rows(f"{_BODY} where b.body_id = $1", body_id)
    if not rows:
        raise UnknownBody(body_id)
    schools = await uow.rows(
        "select m.urn, s.name, m.lead, lower(m.during) as from_date, upper(m.during) as until "
        "from membership m left join school s using (urn) where m.body_id = $1 and m.during @> $2::date order by m.urn",
        body_id,
        on,
    )
    terms = await uow.rows(
        "select term_id, office_id, post, person_id, lower(during) as from_date, upper(during) as until, route, end_reason "
        "from term where body_id = $1 order by lower(during), post",
        body_id,
    )
    return {
        **dict(rows[0]._mapping),
        "schools": _dicts(schools),
        "offices": await _offices(uow, [body_id], on),
        "terms_of_office": _dicts(terms),
    }


async def _offices(uow: UnitOfWork, body_ids: Sequence[UUID], on: date) -> list[dict[str, Any]]:
    return _dicts(
        await uow.rows(
            "select t.body_id, t.post, t.term_id, t.office_id, t.person_id, lower(t.during) as from_date, "
            "upper(t.during) as until, (select min(h.urn) from headship h where h.person_id = t.person_id "
            "and h.during @> $2::date) as heads_urn "
            "from term t where t.body_id = any($1::uuid[]) and t.during @> $2::date order by t.body_id, t.post",
            list(body_ids),
            on,
        )
    )


async def outcomes_listed(uow: UnitOfWork, urn: str) -> list[dict[str, Any]]:
    """The published outcomes of the school and of those that it continues: of each inspection what is believed of it.

    One that was withdrawn, or turned out to be of another school, is none of them.
    """
    rows = await uow.rows(
        "select latest.urn as inspected_urn, latest.inspection_number, latest.kind, latest.version, "
        "latest.inspection_started_on, latest.published_on, latest.headline, latest.category_of_concern, "
        "latest.quality_of_education, latest.leadership, latest.safeguarding_effective, "
        "latest.report_card::text as report_card, latest.report_link, latest.source, latest.recorded_at "
        "from (select distinct inspection_number, kind from outcome where urn = any($1::text[])) listed "
        "cross join lateral (select * from outcome o "
        "where (o.inspection_number, o.kind) = (listed.inspection_number, listed.kind) "
        "order by o.source_as_at desc, o.version desc limit 1) latest "
        "where latest.urn = any($1::text[]) and not coalesce((select d.withdrawn from outcome_decision d "
        "where (d.inspection_number, d.kind) = (latest.inspection_number, latest.kind) "
        "order by d.decision_id desc limit 1), false) "
        "order by latest.published_on, latest.inspection_started_on, latest.recorded_at, latest.inspection_number",
        [urn, *await _continued(uow, urn)],
    )
    return [each | {"report_card": json.loads(each["report_card"] or "null")} for each in _dicts(rows)]


async def _continued(uow: UnitOfWork, urn: str) -> list[str]:
    rows = await uow.rows("select predecessor_urn from continuity where urn = $1 order by predecessor_urn", urn)
    return [row.predecessor_urn for row in rows]


_PEOPLE = """
    select p.person_id, p.name, array(
        select post || case when lower(during) > $2::date then ', from ' || lower(during) else '' end from (
            select 'head of ' || coalesce(s.name, h.urn) || ' (' || h.urn || ')', h.during
            from headship h left join school s using (urn) where h.person_id = p.person_id
            union all
            select replace(t.post, '-', ' ') || ' of ' || b.name, t.during
            from term t join body b using (body_id) where t.person_id = p.person_id
            union all
            select replace(c.post, '-', ' ') || ' of trust ' || c.trust_id, c.during
            from trust_contact c where c.person_id = p.person_id
            union all
            select 'chair of governors of ' || coalesce(s.name, g.urn) || ' (' || g.urn || ')', g.during
            from chair_of_governors g left join school s using (urn) where g.person_id = p.person_id
        ) as in_post (post, during)
        where upper(during) is null or upper(during) > $2::date order by lower(during), post) as posts
    from person p
"""


async def people_of(uow: UnitOfWork, authority: str, name: str) -> list[dict[str, Any]]:
    """Those whom the authority took on, with the posts in which they are or are to be.

    No allocation: a school of another authority may have one of them, and not know it yet (R0.8).
    """
    return _dicts(
        await uow.rows(
            f"{_PEOPLE} where p.authority = $1 and position(lower($3) in lower(p.name)) > 0 order by p.name, p.person_id",
            authority,
            uow.today,
            name,
        )
    )
