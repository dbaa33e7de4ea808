"""Reads membership's tables with plain SQL: into facts of the model, and the product's answers beside them.

What the tables hold now is taken as known from the beginning, so this serves questions about today's knowledge.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.model import DESK, Fact, Who

ALWAYS = date.min
NOBODY = ("duty-desk",)


async def facts(uow: UnitOfWork, urns: Sequence[str]) -> list[Fact]:
    """Everything in the tables that an answer for these schools could rest on."""
    found: list[Fact] = []
    asked = list(urns)
    for r in await uow.rows(
        "select urn, authority, ltrim(type_code, '0') as type, opened_on, closed_on, status from school "
        "where urn = any($1::text[])",
        asked,
    ):
        found.append(model.School(ALWAYS, r.urn, r.authority, r.type, r.opened_on, r.closed_on, r.status))
    for r in await uow.rows(
        "select urn, as_at, says ->> 'trust_id' as trust, (says ->> 'joined_on')::date as joined_on, "
        "array_position('{ofsted,group-links,gias}'::text[], source) as weight from listing "
        "where urn = any($1::text[]) and says ? 'trust_id' order by version",
        asked,
    ):
        found.append(model.InTrust(ALWAYS, r.urn, r.trust, r.as_at, r.joined_on, r.weight))
    for r in await uow.rows(
        "select authority, kind, name, lower(during) as start, inherit from policy "
        "where authority in (select authority from school where urn = any($1::text[])) order by lower(during) nulls first",
        asked,
    ):
        found.append(model.Policy(ALWAYS, r.authority, r.kind, r.name, r.start or date.min, r.inherit or ""))
    for r in await uow.rows(
        "select urn, predecessor_urn, kind not in ('continues', 'listed') as merged, from_date from continuity "
        "where urn = any($1::text[])",
        asked,
    ):
        found.append(model.Continues(ALWAYS, r.urn, r.predecessor_urn, r.merged, r.from_date))
    for r in await uow.rows(
        "select o.*, o.recorded_at::date as known, coalesce((select d.withdrawn from outcome_decision d "
        "where (d.inspection_number, d.kind) = (o.inspection_number, o.kind) order by d.decision_id desc limit 1), false) "
        "as withdrawn from outcome o where urn = any($1::text[]) "
        "or urn in (select predecessor_urn from continuity where urn = any($1::text[])) "
        "order by source_as_at, recorded_at, version",
        asked,
    ):
        found.append(
            model.Outcome(
                r.known,
                r.urn,
                r.inspection_number,
                r.inspection_started_on,
                r.published_on,
                r.headline,
                r.category_of_concern,
                r.quality_of_education,
                r.leadership,
                r.safeguarding_effective,
                r.kind,
                r.withdrawn,
                r.source_as_at,
            )
        )
    for r in await uow.rows(
        "select entry_id::text as id, from_date, lifted_on, urn, category from la_entry left join la_lift using (entry_id) "
        "where urn = any($1::text[]) order by la_entry.recorded_at, entry_id",
        asked,
    ):
        found.append(model.Entry(ALWAYS, r.id, r.from_date, r.lifted_on, r.urn, r.category))
    found += await _held(uow, asked)
    return found


async def _held(uow: UnitOfWork, urns: Sequence[str]) -> list[Fact]:
    found: list[Fact] = []
    for r in await uow.rows(
        "select body_id::text as body, urn, lower(during) as start, upper(during) as until, lead from membership "
        "where urn = any($1::text[])",
        urns,
    ):
        found.append(model.Member(ALWAYS, f"{r.body}/{r.urn}/{r.start}", r.start, r.until, r.body, r.urn, r.lead))
    for r in await uow.rows(
        "select term_id::text as id, lower(during) as start, upper(during) as until, body_id::text as body, post, "
        "person_id::text as person from term "
        "where body_id in (select body_id from membership where urn = any($1::text[]) and lead)",
        urns,
    ):
        found.append(model.Term(ALWAYS, r.id, r.start, r.until, r.body, r.post, r.person))
    for r in await uow.rows(
        "select allocation_id::text as id, lower(during) as start, upper(during) as until, urn, person_id::text as person "
        "from allocation where urn = any($1::text[]) order by lower(during), allocation_id",
        urns,
    ):
        found.append(model.Allocation(ALWAYS, r.id, r.start, r.until, r.urn, r.person))
    for r in await uow.rows(
        "select urn, lower(during) as start, upper(during) as until, person_id::text as person from headship "
        "where urn = any($1::text[])",
        urns,
    ):
        found.append(model.Headship(ALWAYS, f"{r.person}/{r.urn}/{r.start}", r.start, r.until, r.urn, r.person))
    for r in await uow.rows(
        "select trust_id as trust, post, lower(during) as start, upper(during) as until, person_id::text as person "
        "from trust_contact where trust_id in (select says ->> 'trust_id' from listing where urn = any($1::text[]))",
        urns,
    ):
        found.append(
            model.Contact(ALWAYS, f"{r.trust}/{r.post}/{r.start}", r.start, r.until, r.trust, r.post, r.person)
        )
    return found


class Period:
    """One row of the history of answers."""

    def __init__(self, row: Any):
        self.start, self.until = row.start, row.until
        self.category: int | None = row.category
        self.who = DESK if row.role == DESK.role else Who(row.role, row.body, row.post, row.trust, row.person)

    def covers(self, day: date) -> bool:
        return bool(self.start <= day and (self.until is None or day < self.until))


async def answers(uow: UnitOfWork, urns: Sequence[str]) -> dict[tuple[str, str], list[Period]]:
    """The history of answers by school and matter, in order, as the product keeps it."""
    rows = await uow.rows(
        "select k.urn, k.matter, lower(k.during) as start, upper(k.during) as until, k.role, k.body_id::text as body, "
        "case k.office_id when b.chair_office then 'chair' when b.deputy_office then 'deputy' "
        "when b.acting_chair_office then 'acting-chair' end as post, k.trust_id as trust, k.person_id::text as person, "
        "k.category from speaker k left join body b on b.body_id = k.body_id where k.urn = any($1::text[]) "
        "order by k.urn, k.matter, lower(k.during)",
        list(urns),
    )
    found: dict[tuple[str, str], list[Period]] = defaultdict(list)
    for row in rows:
        found[row.urn, row.matter].append(Period(row))
    return dict(found)
