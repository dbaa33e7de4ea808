"""Facts about the school X that not everybody may know, each with those who may (R0.8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.meetings.store import queries as meetings_of
from services.meetings.use_cases.record_vulnerable_aspect import record_vulnerable_aspect
from services.membership.use_cases import appointments, inspection_calls, la_category, overrides
from shared.contracts.envelope import school_key
from shared.contracts.meetings import MeetingScheduled
from shared.contracts.membership import (
    BodyRecorded,
    Grades,
    OfficeTakenUp,
    OutcomePublished,
    SchoolJoinedBody,
    SchoolRecorded,
)
from shared.contracts.registry import EventData, Sensitivity
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from tests.who_may_know.viewers import SCHOOL_IMPROVEMENT
from tests.who_may_know.world import ABBEY, GROUP, TODAY, World, X, publish, someone, thing

LATER = date(2025, 1, 20)
Plants = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Made:
    """``by`` makes the fact in a world; ``may_know`` are the viewers who may, for whom nothing is promised."""

    name: str
    by: Plants
    may_know: frozenset[str]


async def _in_a_story(
    world: World, work: Callable[[UnitOfWork], Awaitable[object]], service: str = "membership"
) -> None:
    cause = Cause.story()
    world.story = cause.correlation_id
    await world.stores[service].run(work, cause=cause)
    await world.everybody_hears()


async def entry(world: World) -> None:
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, X, category=4, from_date=TODAY, reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip


async def planned_entry(world: World) -> None:
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, X, category=3, from_date=date(2025, 3, 1), reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip


async def entry_lifted(world: World) -> None:
    await entry(world)
    await world.it_is(LATER)
    await _in_a_story(world, lambda uow: la_category.lift_la_category(
        uow, X, lifted_on=LATER, reason="Mended", lifted_by="officer"
    ))  # fmt: skip


async def entry_and_a_report(world: World) -> None:
    """While the entry stands a report is published: everybody hears of the report as if there were no entry."""
    await entry(world)
    await reported(world)


async def reported(world: World) -> None:
    await world.it_is(LATER)
    await world.do(lambda uow: publish(uow, X, 3, LATER))
    await world.everybody_hears()


async def wait_a_week(world: World) -> None:
    await world.it_is(LATER)


async def allocation(world: World) -> None:
    await _in_a_story(world, lambda uow: appointments.allocate_system_leader(
        uow, X, person_id=someone("leader"), from_date=TODAY, until=None
    ))  # fmt: skip


async def override(world: World) -> None:
    """Somebody else speaks for X, who would not by the rules."""
    await _in_a_story(world, lambda uow: overrides.set_override(
        uow, X, matter="both", person_id=someone("leader"), from_date=TODAY, until=date(2025, 3, 1),
        reason="The chair is away", set_by="officer",
    ))  # fmt: skip


async def told_entry(world: World) -> None:
    await entry(world)
    await world.do(lambda uow: la_category.record_school_told(uow, X, told_on=TODAY, told_by="officer"))
    await world.everybody_hears()


async def inspection_call(world: World) -> None:
    async def start(uow: UnitOfWork) -> None:
        world.call = (await inspection_calls.start(uow, X, started_by="officer")).call.call_id

    await _in_a_story(world, start)


async def vulnerable_aspect(world: World) -> None:
    async def record(uow: UnitOfWork) -> None:
        await record_vulnerable_aspect(uow, await meetings_of.school(uow, X), "quality of education", TODAY)

    await _in_a_story(world, record, "meetings")


async def records_of_public_types(world: World) -> None:
    """As a producer's mistake would put them on the topics: of a type that everybody reads, of a class that few may know."""
    for _, data, key, service in of_a_public_type():
        for kind, told in (
            (Sensitivity.RESTRICTED, False),
            (Sensitivity.RESTRICTED, True),
            (Sensitivity.CONFIDENTIAL, True),
        ):

            async def record(
                uow: UnitOfWork, data: EventData = data, key: str = key, kind: Sensitivity = kind, told: bool = told
            ) -> None:
                uow.record(data, key=key, sensitivity=kind, told=told)

            await _in_a_story(world, record, service)


def of_a_public_type() -> list[tuple[str, EventData, str, str]]:
    """Records of types that everybody reads, about X and its bodies: what, data, key, service."""
    x, abbey = school_key("937", X), f"937/body/{ABBEY}"
    secret = thing("a body that nobody should hear of")
    return [
        ("school.recorded", SchoolRecorded(
            urn=X, authority="937", name="A name that nobody should see", phase="Primary", type_code="1",
            sector="academy", state_funded=True, open=True, area="Central", region="West Midlands",
        ), x, "membership"),
        ("outcome.published", OutcomePublished(
            urn=X, school_name="School", authority="937", region="West Midlands", inspection_number="SECRET", kind="graded",
            inspection_started_on=date(2025, 1, 6), published_on=TODAY, grades=Grades(headline=4),
            public_category_before=2, public_category_after=4, public_role_before="chair",
            public_role_after="system-leader",
        ), x, "membership"),
        ("body.recorded", BodyRecorded(
            body_id=secret, authority="937", kind="primary-consortium", name="Secret", areas=["Central"],
            opened_on=TODAY, award_pence=500_000,
        ), f"937/body/{secret}", "membership"),
        ("school.joined-body", SchoolJoinedBody(body_id=GROUP, urn=X, from_date=TODAY, lead=False),
         f"937/body/{GROUP}", "membership"),
        ("office.taken-up", OfficeTakenUp(
            term_id=UUID(int=77), office_id=UUID(int=78), body_id=ABBEY, post="acting-chair",
            person_id=someone("leader"), from_date=TODAY, route="meeting",
        ), abbey, "membership"),
        ("meeting.scheduled", MeetingScheduled(meeting_id=new_id(), body_id=ABBEY, kind="heads", on=LATER),
         abbey, "meetings"),
    ]  # fmt: skip


AREA_GROUP = frozenset({"chair for X", "chair in the area"})
SPEAKS_OR_HEADS = frozenset({"head of X", "chair for X"})

MADE = [
    Made("an entry of the authority, untold", entry, SCHOOL_IMPROVEMENT),
    Made("an entry that lies ahead", planned_entry, SCHOOL_IMPROVEMENT),
    Made("an entry lifted, both untold", entry_lifted, SCHOOL_IMPROVEMENT),
    Made(
        "an entry, untold, and then a published report",
        entry_and_a_report,
        SCHOOL_IMPROVEMENT,
    ),
    Made("an allocation, untold", allocation, SCHOOL_IMPROVEMENT),
    Made("an override, untold", override, SCHOOL_IMPROVEMENT),
    Made("an entry of which the school was told", told_entry, SCHOOL_IMPROVEMENT | AREA_GROUP | SPEAKS_OR_HEADS),
    Made("an inspection under way", inspection_call, SCHOOL_IMPROVEMENT | SPEAKS_OR_HEADS),
    Made("an aspect that is vulnerable", vulnerable_aspect, SCHOOL_IMPROVEMENT | AREA_GROUP),
    Made("restricted and confidential records of public types", records_of_public_types, SCHOOL_IMPROVEMENT),
]
# What the other world lives through meanwhile, so that only the fact itself is missing from it.
MEANWHILE: dict[Plants, Plants] = {entry_lifted: wait_a_week, entry_and_a_report: reported}
