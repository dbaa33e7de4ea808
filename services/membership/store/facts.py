"""Rows to facts: all that a standing is decided from, for many schools in a handful of statements."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import CategoryPolicy, Continuity, Inherit, LaEntry, Outcome
from services.membership.domain.office import Term
from services.membership.domain.report_card import ReportCard
from services.membership.domain.representation import Circumstances
from services.membership.domain.routing_policy import routing_policy
from services.membership.domain.school import School, Status
from services.membership.domain.standing import Facts
from services.membership.store.rows import as_each, as_one
from shared.store import UnitOfWork

_SCHOOLS = """
    select s.urn, s.authority, s.name, s.phase, s.type_code, s.status, s.opened_on, s.closed_on, s.postcode_district,
           s.area, coalesce(nullif(s.region, ''), a.region, '') as region, s.trust_id, s.trust_name,
           c.name as category_policy, c.version as category_version, c.inherit, r.name as routing_policy
    from unnest($1::text[], $2::date[]) as asked (urn, day)
    join school s on s.urn = asked.urn
    left join authority a on a.code = s.authority
    left join policy c on c.authority = s.authority and c.kind = 'category' and c.during @> asked.day
    left join policy r on r.authority = s.authority and r.kind = 'routing' and r.during @> asked.day
"""

# A corrected outcome is a further version of itself; the latest is what is known now.
OUTCOMES = """
    select distinct on (urn, inspection_number, kind)
           urn, inspection_number, kind, inspection_started_on, published_on, recorded_at, headline,
           category_of_concern, quality_of_education, leadership, safeguarding_effective, report_card::text as report_card
    from outcome
    where urn = any($1::text[])
    order by urn, inspection_number, kind, version desc
"""

ENTRIES = """
    select e.entry_id, e.urn, e.category, e.from_date, e.recorded_at, e.review_on, l.lifted_on
    from la_entry e left join la_lift l using (entry_id)
    where e.urn = any($1::text[])
"""

_TERMS = """
    select term_id, office_id, body_id, post, person_id, lower(during), upper(during), route
    from term where body_id = any($1::uuid[])
"""


def school_from(row: Any) -> School:
    return School(
        urn=row.urn,
        authority=row.authority,
        name=row.name,
        phase=row.phase,
        type_code=row.type_code,
        status=Status(row.status),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        postcode_district=row.postcode_district,
        area=row.area,
        region=row.region,
        trust_id=row.trust_id,
        trust_name=row.trust_name,
    )


def outcome_from(row: Any) -> Outcome:
    known = dict(row._mapping)
    card = known.pop("report_card")
    return Outcome(**known, report_card=ReportCard.of(json.loads(card)) if card else None)


async def facts_of(uow: UnitOfWork, days: Mapping[str, date]) -> dict[str, Facts]:
    """The facts of each school of the register, with the policies in force on the day asked for it."""
    urns = sorted(days)
    schools = {row.urn: row for row in await uow.rows(_SCHOOLS, urns, [days[urn] for urn in urns])}
    continuities = await _continuities(uow, urns)
    inspected = sorted({*urns, *(each.predecessor_urn for each in continuities)})
    outcomes = _by_first([(row[0], outcome_from(row)) for row in await uow.rows(OUTCOMES, inspected)])
    entries = _by_first([(row.urn, as_one(LaEntry, row)) for row in await uow.rows(ENTRIES, urns)])
    memberships = as_each(
        Membership,
        await uow.rows(
            "select body_id, urn, lower(during), upper(during), lead from membership where urn = any($1::text[])", urns
        ),
    )
    bodies = sorted({each.body_id for each in memberships if each.lead})
    terms = _by_first([(row.body_id, as_one(Term, row)) for row in await uow.rows(_TERMS, bodies)]) if bodies else {}
    allocations = await uow.rows(
        "select allocation_id, urn, person_id, lower(during), upper(during) from allocation where urn = any($1::text[])",
        urns,
    )
    headships = await uow.rows(
        "select person_id, urn, lower(during), upper(during) from headship where urn = any($1::text[])", urns
    )
    trusts = sorted({row.trust_id for row in schools.values() if row.trust_id})
    contacts = (
        await uow.rows(
            "select trust_id, post, person_id, lower(during), upper(during) from trust_contact "
            "where trust_id = any($1::text[])",
            trusts,
        )
        if trusts
        else []
    )
    memberships_of = _by_first([(each.urn, each) for each in memberships])
    allocations_of = _by_first([(row.urn, as_one(Allocation, row)) for row in allocations])
    headships_of = _by_first([(row.urn, as_one(Headship, row)) for row in headships])
    contacts_of = _by_first([(row.trust_id, as_one(TrustContact, row)) for row in contacts])
    continuities_of = _by_first([(each.urn, each) for each in continuities])
    found = {}
    for urn, row in schools.items():
        around = Circumstances(
            school=school_from(row),
            policy=routing_policy(row.routing_policy),
            memberships=memberships_of[urn],
            terms=[term for each in memberships_of[urn] if each.lead for term in terms.get(each.body_id, ())],
            allocations=allocations_of[urn],
            trust_contacts=contacts_of[row.trust_id] if row.trust_id else (),
            headships=headships_of[urn],
        )
        inherited = [outcome for each in continuities_of[urn] for outcome in outcomes[each.predecessor_urn]]
        found[urn] = Facts(
            circumstances=around,
            category_policy=CategoryPolicy(
                row.category_policy or "ofsted", row.category_version or 1, Inherit(row.inherit or "converters")
            ),
            outcomes=[*outcomes[urn], *inherited],
            continuities=continuities_of[urn],
            entries=entries[urn],
        )
    return found


async def _continuities(uow: UnitOfWork, urns: list[str]) -> list[Continuity]:
    rows = await uow.rows("select urn, predecessor_urn, merged from continuity where urn = any($1::text[])", urns)
    return as_each(Continuity, rows)


def _by_first(pairs: list[tuple[Any, Any]]) -> defaultdict[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return grouped
