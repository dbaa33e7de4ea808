"""A school year with everything in it that a date can bring by itself, prepared in August 2025. All invented.

Whoever gives membership another kind of fact that waits for its day adds it here: `prepare` puts it off, and
`calendar.py` says what its day brings. A test fails for a kind that the year does not have.
"""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP
from services.meetings.store import queries as meetings_of
from services.meetings.use_cases.schedule_meeting import schedule_meeting
from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Inherit, Outcome
from services.membership.domain.links import Link
from services.membership.domain.office import Term
from services.membership.domain.school import Status
from services.membership.store.authorities import Desk
from services.membership.store.people import Person
from services.membership.store.proposals import proposals_in
from services.membership.use_cases import appointments, la_category, offices, overrides
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.policies import adopt_category_policy, adopt_routing_policy
from services.membership.use_cases.proposals import confirm_proposal
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.contracts.membership import DUTY_DESK, desk_id
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.store.membership.conftest import line
from tests.time.conftest import Installation

PREPARED = date(2025, 8, 25)
FIRST, AFTER = date(2025, 9, 1), date(2026, 9, 1)
GO_LIVE = date(2024, 9, 2)

_HERE = UUID("6f9d3a52-2f50-4bb1-9d5c-0a7f6f3ce001")


def someone(name: str) -> UUID:
    """A person's id: of version 4 in form, and the same in every run."""
    return UUID(bytes=uuid5(_HERE, name).bytes, version=4)


def thing(name: str) -> UUID:
    return uuid5(_HERE, name)


ABBEY, NETWORK, GROUP = thing("Abbey"), thing("North"), thing("Central Area Analysis Group")
PEOPLE = ("chair", "successor", "deputy", "stand-in", "lead", "leader", "chief", "partner", "new head", "next head")

# Schools by what the year brings them.
OAK, ELM, ASH, YEW, FIR, LIME = "900001", "900002", "900003", "900004", "900005", "900006"
OPENS, CLOSES, JOINS, LEAVES = "900021", "900022", "900023", "900024"
PROPOSED, REVIEWED = "900041", "900042"  # of another authority, where officers confirm what outcomes propose
ACADEMY, CONVERTS = "900011", "900031"  # the second continues FIR

TELLS = {date(2026, 1, 12): YEW, date(2026, 2, 9): ELM, date(2026, 2, 24): LIME, date(2026, 6, 15): YEW}

_NAMES = {str(someone(name)): name for name in PEOPLE} | {
    str(body): name for name, body in (("Abbey", ABBEY), ("North", NETWORK), ("the group", GROUP))
}
_NAMES[str(desk_id("937", DUTY_DESK))] = "the duty desk"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def named(found: Any) -> Any:
    """The names of those whom the year knows for their ids; the ids that a run made for itself left out."""
    if isinstance(found, dict):
        return {name: named(value) for name, value in sorted(found.items())}
    if isinstance(found, list | tuple):
        return [named(each) for each in found]
    if isinstance(found, str | UUID):
        return _ID.sub(lambda match: _NAMES.get(match.group(), "*"), str(found))
    return found if isinstance(found, int | None) else str(found)


async def prepare(here: Installation) -> None:
    """All that is known in August 2025 of the year to come, entered by the commands that officers use."""
    await here.it_is(GO_LIVE)
    lines = [line(urn) for urn in (OAK, ELM, ASH, YEW, FIR, LIME, JOINS, LEAVES)]
    lines += [line(ACADEMY, type_code="34", trust_id="7001", trust_name="Larch Trust")]
    await here.do(lambda uow: keep_schools(uow, lines))
    await here.do(lambda uow: take_on(uow, _first()))
    await here.tick()
    for urn in (ELM, ASH, FIR):
        await here.do(lambda uow, urn=urn: _publish(uow, urn))  # type: ignore[misc]
    await here.it_is(PREPARED)
    await here.tick()
    await here.do(lambda uow: keep_schools(uow, [
        line(OPENS, PREPARED, status=Status.PROPOSED, opened_on=date(2025, 11, 3)),
        line(CLOSES, PREPARED, closed_on=date(2026, 7, 22)),
        line(FIR, PREPARED, closed_on=date(2026, 1, 1)),
        line(CONVERTS, PREPARED, status=Status.PROPOSED, opened_on=date(2026, 1, 1), type_code="34", trust_id="7001",
             trust_name="Larch Trust"),
    ]))  # fmt: skip
    link = Link(CONVERTS, FIR, "Predecessor", None, "links", PREPARED)
    await here.do(lambda uow: keep_links(uow, [link]))
    await here.do(lambda uow: take_on(uow, _later()))
    await _commands(here)
    await here.everybody_hears()
    for on in (date(2025, 10, 13), date(2026, 1, 19), date(2026, 5, 18), date(2026, 8, 24)):
        await here.do(lambda uow, on=on: _call(uow, on), "meetings")  # type: ignore[misc]
    await here.tick()
    await here.from_now_on()


def _first() -> TakenOn:
    """What stands when the authority goes live."""
    return TakenOn(
        authority="937",
        routing_policy="warwickshire",
        districts=[("CV31", "Central")],
        people=[Person(someone(name), "937", f"Invented {name}", f"{thing(name)}@example.org", None) for name in PEOPLE],
        bodies=[
            _body(ABBEY, "primary-consortium", "Abbey", award=500_000),
            _body(NETWORK, "area-network", "North", award=500_000, starts="09-01"),
            _body(GROUP, AREA_ANALYSIS_GROUP, "Central Area Analysis Group"),
        ],
        headships=[
            Headship(someone("chair"), OAK, date(2018, 9, 1), None),
            Headship(someone("successor"), YEW, date(2019, 9, 1), None),
            Headship(someone("lead"), LIME, date(2019, 9, 1), None),
            Headship(someone("new head"), FIR, date(2020, 9, 1), None),
        ],
        terms=[_term(ABBEY, "chair", "chair"), _term(ABBEY, "deputy", "deputy"), _term(NETWORK, "chair", "lead")],
        memberships=[Membership(ABBEY, urn, GO_LIVE, None, True) for urn in (OAK, ELM, ASH, YEW, FIR, LEAVES, ACADEMY)]
        + [Membership(NETWORK, LIME, GO_LIVE, None, True)],
        allocations=[Allocation(thing("ash"), ASH, someone("leader"), GO_LIVE, date(2026, 2, 2))],
        trust_contacts=[TrustContact("7001", "chief-executive", someone("chief"), GO_LIVE, date(2026, 3, 2))],
        desks=[Desk(DUTY_DESK, "duty@council.example", "01632 960001", None)],
    )  # fmt: skip


def _later() -> TakenOn:
    """What is known to come: joining and leaving, heads, the trust's partner."""
    return TakenOn(
        authority="937",
        headships=[Headship(someone("next head"), OPENS, date(2025, 11, 3), date(2026, 7, 1))],
        memberships=[
            Membership(ABBEY, OPENS, date(2025, 11, 3), None, True),
            Membership(NETWORK, JOINS, date(2026, 1, 5), None, True),
            Membership(ABBEY, CLOSES, PREPARED, date(2026, 7, 22), True),
            Membership(NETWORK, LEAVES, date(2026, 4, 13), date(2026, 6, 8), False),
        ],
        trust_contacts=[
            TrustContact("7001", "school-improvement-partner", someone("partner"), date(2026, 3, 30), None)
        ],
    )


async def _commands(here: Installation) -> None:
    """One fact that waits for its day each; the days are those of CALENDAR."""
    leader = someone("leader")
    await here.do(lambda uow: appointments.allocate_system_leader(
        uow, ELM, person_id=leader, from_date=date(2025, 10, 1), until=date(2026, 4, 15)
    ))  # fmt: skip
    await here.do(lambda uow: la_category.set_la_category(
        uow, YEW, category=3, from_date=date(2025, 12, 1), reason="Two heads in a year", review_on=date(2026, 6, 1),
        set_by="officer",
    ))  # fmt: skip
    await here.do(lambda uow: la_category.lift_la_category(
        uow, YEW, lifted_on=date(2026, 4, 8), reason="The new head has settled", lifted_by="officer"
    ))  # fmt: skip
    # The chair ends at Christmas; a stand-in acts until the successor takes up the office by election.
    (chair,) = await here.rows("select term_id from term where person_id = $1", someone("chair"))
    await here.do(lambda uow: offices.end_office(uow, chair.term_id, ended_on=date(2026, 1, 1), reason="Retires"))
    await here.do(lambda uow: offices.take_up_office(
        uow, ABBEY, post="acting-chair", person_id=someone("stand-in"), from_date=date(2026, 1, 1), until=None,
        route="meeting",
    ))  # fmt: skip
    await here.do(lambda uow: offices.take_up_office(
        uow, ABBEY, post="chair", person_id=someone("successor"), from_date=date(2026, 4, 10), until=date(2026, 8, 1),
        route="meeting",
    ))  # fmt: skip
    await here.do(lambda uow: appointments.move_head(uow, someone("lead"), to_urn=JOINS, on=date(2026, 3, 29)))
    await here.do(lambda uow: adopt_category_policy(
        uow, "937", name="ofsted", from_date=date(2026, 4, 6), inherit=Inherit.NEVER, reason="Cabinet, 3 July",
        adopted_by="officer",
    ))  # fmt: skip
    await here.do(lambda uow: adopt_routing_policy(
        uow, "937", name="warwickshire", from_date=date(2026, 5, 4), settings={"system_leader_from": 4},
        reason="Cabinet, 3 July", adopted_by="officer",
    ))  # fmt: skip
    await here.do(lambda uow: overrides.set_override(
        uow, LIME, matter="both", person_id=someone("deputy"), from_date=date(2026, 2, 16), until=date(2026, 2, 23),
        reason="The lead is away", set_by="officer",
    ))  # fmt: skip
    await _elsewhere(here)


async def _elsewhere(here: Installation) -> None:
    """An authority of its own, so that nothing of it meets the others' year."""
    await here.do(lambda uow: keep_schools(uow, [line(urn, authority="801") for urn in (PROPOSED, REVIEWED)]))
    await here.do(lambda uow: take_on(uow, TakenOn(authority="801")))
    await here.do(lambda uow: adopt_category_policy(
        uow, "801", name="propose", from_date=PREPARED, inherit=Inherit.CONVERTERS, reason="Cabinet", adopted_by="officer"
    ))  # fmt: skip
    await here.do(lambda uow: _publish(uow, PROPOSED))
    (proposal,) = await here.do(lambda uow: proposals_in(uow, "801", only_open=True))
    await here.do(lambda uow: confirm_proposal(
        uow, proposal["proposal_id"], from_date=date(2026, 3, 9), confirmed_by="officer"
    ))  # fmt: skip
    await here.do(lambda uow: la_category.set_la_category(
        uow, REVIEWED, category=3, from_date=PREPARED, reason="A visit", review_on=date(2026, 5, 11), set_by="officer"
    ))  # fmt: skip


async def act(here: Installation, day: date) -> None:
    """What an officer does in the course of the year: she tells a school what was held back for it (R0.8)."""
    if day in TELLS:
        urn = TELLS[day]
        await here.do(lambda uow: la_category.record_school_told(uow, urn, told_on=day, told_by="officer"))
        await here.everybody_hears()


async def _publish(uow: UnitOfWork, urn: str) -> None:
    outcome = Outcome(
        urn=urn,
        inspection_number=f"N{urn}",
        kind="graded",
        inspection_started_on=date(2024, 7, 2),
        published_on=GO_LIVE,
        recorded_at=uow.now,
        headline=3,
    )
    await record_outcomes(uow, [Published(urn, outcome)], take_on=False, source="test")


async def _call(uow: UnitOfWork, on: date) -> None:
    await schedule_meeting(uow, await meetings_of.body(uow, GROUP), AREA_ANALYSIS_GROUP, on)


def _body(body_id: UUID, kind: str, name: str, *, award: int | None = None, starts: str = "04-01") -> Body:
    offices_of = (new_id(), new_id(), new_id())
    return Body(body_id, "937", kind, name, ["Central"], GO_LIVE, None, award, starts, *offices_of)


def _term(body: UUID, post: str, name: str) -> Term:
    return Term(new_id(), new_id(), body, post, someone(name), GO_LIVE, None, "taken-on")
