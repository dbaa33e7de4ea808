"""Facts about the school X that not everybody may know, each with those who may (R0.8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.meetings.store import queries as meetings_of
from services.meetings.use_cases.record_vulnerable_aspect import record_vulnerable_aspect
from services.membership.domain.category import Inherit
from services.membership.domain.office import Correction
from services.membership.store import outcomes as decided
from services.membership.store import people
from services.membership.store.proposals import open_proposals
from services.membership.use_cases import (
    appointments,
    corrections,
    inspection_calls,
    la_category,
    offices,
    overrides,
    policies,
    withdraw_outcome,
)
from services.membership.use_cases import proposals as answers
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
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from shared.telemetry import story
from tests.who_may_know.viewers import DEPARTMENT, OFFICER, SCHOOL_IMPROVEMENT, VIEWERS
from tests.who_may_know.world import (
    ABBEY,
    ACADEMY,
    CITY,
    DEPARTMENTS,
    GONE,
    GROUP,
    NORTH,
    PUBLISHED,
    TODAY,
    World,
    X,
    Y,
    import_inspection,
    link,
    move_inspection,
    publish,
    someone,
    thing,
)

BEFORE, LATER, A_WEEK_LATER = date(2025, 1, 14), date(2025, 1, 20), date(2025, 1, 27)
SET, LIFTED, REALLY_LIFTED = date(2024, 9, 9), date(2024, 9, 23), date(2024, 10, 14)
OPEN_DEPARTMENTS = ("finance", "governance")
Plants = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Fact:
    """``by`` makes it in a world; an officer gets another answer then where ``shows`` is in the address.

    ``officer``: of the authority whose fact it is.
    """

    name: str
    by: Plants
    shows: str
    officer: str = "officer"


@dataclass(frozen=True)
class Planted:
    """Facts that the same viewers may know, in one world; to the others it is like one without them.

    ``meanwhile`` is what the world without them lives through, so that only the facts are missing from it. ``asks``: only
    these, where the others are asked of another world. ``nothing_to``: the departments that are sent nothing of them.
    ``in_the_midst``: the facts come in the midst of what it lives through, and bring that with them.
    """

    name: str
    facts: tuple[Fact, ...]
    may_know: frozenset[str]
    meanwhile: Plants
    asks: frozenset[str] = frozenset(VIEWERS)
    nothing_to: tuple[str, ...] = OPEN_DEPARTMENTS
    in_the_midst: bool = False


async def _in_a_story(
    world: World, work: Callable[[UnitOfWork], Awaitable[object]], service: str = "membership"
) -> None:
    with story("an act") as cause:
        world.stories.append(cause.correlation_id)
        await world.stores[service].run(work, cause=cause)
    await world.everybody_hears()


# -- what the world without them lives through --


async def nothing(world: World) -> None:
    """Nothing happens."""


async def a_report(world: World) -> None:
    """It comes with a file of the register, which was tried without effect before."""
    await world.it_is(LATER)
    for dry_run in (True, False):
        await import_inspection(world, X, 3, LATER, dry_run=dry_run)
    await world.everybody_hears()


async def taken_back(world: World, before: Plants = nothing) -> None:
    """Of two reports one is withdrawn, and the other turns out to be another school's: both schools leave the list."""
    await a_report(world)
    await before(world)
    await world.it_is(A_WEEK_LATER)
    await world.do(lambda uow: withdraw_outcome.withdraw_outcome(
        uow, f"N{X}3", "graded", reason="Never held", withdrawn_by="officer"
    ))  # fmt: skip
    await world.do(lambda uow: move_inspection(uow, f"N{Y}3", NORTH, 3))
    await world.everybody_hears()


async def a_late_link(world: World, before: Plants = nothing) -> None:
    """The academy turns out to continue a school that was gone, and inherits what was published of that: no outcome is told."""
    await world.do(lambda uow: publish(uow, GONE, 3))
    await before(world)
    await world.it_is(LATER)
    await world.do(lambda uow: link(uow, ACADEMY, GONE, 3))
    await world.everybody_hears()


async def proposals(world: World) -> None:
    """The authority has adopted `propose`, and a report on each school proposes another category.

    Y was told of its system leader, and knows that she speaks for it.
    """
    await allocation(world)
    await world.do(lambda uow: la_category.record_school_told(uow, Y, told_on=TODAY, told_by="officer"))
    await world.do(lambda uow: policies.adopt_category_policy(
        uow, "937", name="propose", from_date=TODAY, inherit=Inherit.CONVERTERS, reason="Why", adopted_by="officer"
    ))  # fmt: skip
    await world.it_is(LATER)
    for urn, headline in ((X, 3), (Y, 2)):
        await world.do(lambda uow, urn=urn, headline=headline: publish(uow, urn, headline, LATER))  # type: ignore[misc]
    await world.everybody_hears()


async def lifted_and_told(world: World) -> None:
    """X had a category of the authority's own for a while, which was lifted, and it was told of both."""
    await world.do(lambda uow: la_category.set_la_category(
        uow, X, category=4, from_date=SET, reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip
    await world.do(lambda uow: la_category.lift_la_category(
        uow, X, lifted_on=LIFTED, reason="Mended", lifted_by="officer"
    ))  # fmt: skip
    await world.do(lambda uow: la_category.record_school_told(uow, X, told_on=TODAY, told_by="officer"))
    await world.everybody_hears()


async def she_leaves(world: World, before: Plants = nothing) -> None:
    """X has another chair, of which both its heads hear at once, and of nothing else for a week; then one of them leaves."""
    await world.do(lambda uow: offices.change_office(
        uow, ABBEY, post="chair", person_id=someone("leader"), from_date=TODAY, route="meeting"
    ))  # fmt: skip
    await world.everybody_hears()
    await before(world)
    await world.it_is(A_WEEK_LATER)


# -- facts --


async def entry(world: World, urn: str = X) -> None:
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, urn, category=4, from_date=TODAY, reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip


async def late_entry(world: World) -> None:
    """From a day that has gone: what it changes of the past is told as a correction, and that waits too."""
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, X, category=4, from_date=BEFORE, reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip


async def review(world: World) -> None:
    """Another entry, whose review date has come: an officer is asked at once, and the day is turned."""
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, X, category=4, from_date=BEFORE, reason="Another visit", review_on=TODAY, set_by="officer"
    ))  # fmt: skip
    await world.it_is(TODAY)


async def planned_entry(world: World) -> None:
    await _in_a_story(world, lambda uow: la_category.set_la_category(
        uow, Y, category=4, from_date=date(2025, 3, 1), reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip


async def entry_of_x(world: World) -> None:
    await entry(world)
    await a_report(world)  # everybody hears of it as if there were no entry


async def entries_under_which_reports_are_taken_back(world: World) -> None:
    async def entries(world: World) -> None:
        await entry(world)
        await entry(world, Y)

    await taken_back(world, entries)


async def entry_before_a_late_link(world: World) -> None:
    await a_late_link(world, lambda world: entry(world, ACADEMY))


async def entry_of_y_lifted(world: World) -> None:
    await entry(world, Y)
    await _in_a_story(world, lambda uow: la_category.lift_la_category(
        uow, Y, lifted_on=LATER, reason="Mended", lifted_by="officer"
    ))  # fmt: skip


async def lifting_corrected(world: World) -> None:
    """It was lifted later than had been entered: on days that have gone it stood after all."""

    async def correct(uow: UnitOfWork) -> None:
        (made,) = await decided.la_entries(uow, X)
        await la_category.correct_lifting(
            uow, made.entry_id, lifted_on=REALLY_LIFTED, reason="A slip", corrected_by="officer"
        )

    await _in_a_story(world, correct)


async def allocation(world: World) -> None:
    await _in_a_story(world, lambda uow: appointments.allocate_system_leader(
        uow, Y, person_id=someone("leader"), from_date=PUBLISHED, until=None
    ))  # fmt: skip


async def allocation_corrected(world: World) -> None:
    async def correct(uow: UnitOfWork) -> None:
        (made,) = await people.allocations(uow, [Y])
        right = Correction(person_id=someone("officer"))
        await corrections.correct_allocation(uow, made.allocation_id, right, reason="Two alike", corrected_by="officer")

    await _in_a_story(world, correct)


async def override(world: World) -> None:
    """Somebody else speaks for X, who would not by the rules."""
    await _in_a_story(world, lambda uow: overrides.set_override(
        uow, X, matter="both", person_id=someone("leader"), from_date=TODAY, until=date(2025, 3, 1),
        reason="The chair is away", set_by="officer",
    ))  # fmt: skip


async def declined(world: World) -> None:
    await _in_a_story(world, lambda uow: _answer(uow, X, from_date=None))


async def confirmed_for_later(world: World) -> None:
    await _in_a_story(world, lambda uow: _answer(uow, Y, from_date=date(2025, 3, 1)))


async def confirmed(world: World) -> None:
    await _in_a_story(world, lambda uow: _answer(uow, X, from_date=LATER))


async def _answer(uow: UnitOfWork, urn: str, *, from_date: date | None) -> None:
    asked = (await open_proposals(uow, [urn]))[urn].proposal_id
    if from_date is None:
        await answers.decline_proposal(uow, asked, reason="A visit", declined_by="officer")
    else:
        await answers.confirm_proposal(uow, asked, from_date=from_date, confirmed_by="officer")


async def told_entry(world: World, urn: str = X) -> None:
    await entry(world, urn)
    await world.do(lambda uow: la_category.record_school_told(uow, urn, told_on=TODAY, told_by="officer"))
    await world.everybody_hears()


async def told_entry_of_the_academy(world: World) -> None:
    """Its trust comes to speak for it in general by that (R0.3)."""
    await told_entry(world, ACADEMY)


async def told_entry_in_the_city(world: World) -> None:
    """Its trust speaks for it as before."""
    await told_entry(world, CITY)


async def told_before_she_left(world: World) -> None:
    """The message to both heads waits for the end of their week, and one of them has left by then."""
    await she_leaves(world, told_entry)


async def inspection_call(world: World) -> None:
    async def start(uow: UnitOfWork) -> None:
        world.call = (await inspection_calls.start(uow, X, started_by="officer")).call.call_id

    await _in_a_story(world, start)


async def call_is_over(world: World) -> None:
    """Whoever was asked has accepted, and an officer closes it: no desk was asked."""
    await _in_a_story(world, lambda uow: inspection_calls.accept(uow, world.call, person_id=None, by="officer"))
    await _in_a_story(world, lambda uow: inspection_calls.close(uow, world.call, reason="Over", by="officer"))


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
LEAVING = frozenset({"head who leaves X"})

TOLD = Fact("an entry of which the school was told", told_entry, f"/schools/{X}/category")
CALL = Fact("an inspection under way", inspection_call, "/inspection-calls?authority")
ANSWERED = Fact("a call that was answered and is over", call_is_over, "/inspection-calls?authority")
ASPECT = Fact("an aspect that is vulnerable", vulnerable_aspect, f"/bodies/{GROUP}/lists")

PLANTED = [
    Planted(
        "entries of the authority, untold or ahead",
        (
            Fact("an entry from an earlier day", late_entry, f"/schools/{X}/category"),
            Fact("an entry that is to be kept or lifted", review, "/reviews"),
            Fact("an entry that lies ahead", planned_entry, f"/schools/{Y}/category?on=2025-09-01"),
        ),
        SCHOOL_IMPROVEMENT,
        nothing,
    ),
    Planted(
        "people in places, untold, and records stricter than their types",
        (
            Fact("an allocation", allocation, f"/schools/{Y}/speaker"),
            Fact("an override", override, f"/schools/{X}/speaker"),
            Fact("restricted and confidential records of public types", records_of_public_types, "/journeys?subject"),
        ),
        SCHOOL_IMPROVEMENT,
        nothing,
    ),
    Planted(
        "entries before a published report",
        (
            Fact("an entry, untold, and then a report", entry_of_x, f"/schools/{X}/category"),
            Fact("an entry lifted, both untold", entry_of_y_lifted, f"/schools/{Y}/explanation"),
        ),
        SCHOOL_IMPROVEMENT,
        a_report,
        in_the_midst=True,
    ),
    Planted(
        "a lifting put right",
        (
            Fact(
                "that an entry was lifted on another day than the school was told",
                lifting_corrected,
                f"/schools/{X}/category?on=2024-10-01",
            ),
        ),
        SCHOOL_IMPROVEMENT,
        lifted_and_told,
    ),
    Planted(
        "entries before reports are taken back",
        (
            Fact(
                "entries, untold, and then reports taken back",
                entries_under_which_reports_are_taken_back,
                f"/schools/{X}/category",
            ),
        ),
        SCHOOL_IMPROVEMENT,
        taken_back,
        in_the_midst=True,
    ),
    Planted(
        "an entry before a late link",
        (
            Fact(
                "an entry, untold, and then a link to a school before",
                entry_before_a_late_link,
                f"/schools/{ACADEMY}/category",
            ),
        ),
        SCHOOL_IMPROVEMENT,
        a_late_link,
        in_the_midst=True,
    ),
    Planted(
        "what the school knows",
        (TOLD, CALL, ASPECT),
        SCHOOL_IMPROVEMENT | AREA_GROUP | SPEAKS_OR_HEADS | LEAVING,
        nothing,
    ),
    Planted(
        "what an academy knows",
        (Fact("an entry of which the academy was told", told_entry_of_the_academy, f"/schools/{ACADEMY}/category"),),
        SCHOOL_IMPROVEMENT | AREA_GROUP | {"trust"},
        nothing,
    ),
    Planted(
        "what an academy in another authority knows",
        (
            Fact(
                "an entry of another authority, of which the academy was told",
                told_entry_in_the_city,
                f"/schools/{CITY}/category",
                officer="officer of another authority",
            ),
        ),
        frozenset({"officer of another authority", "trust in the city"}),
        nothing,
    ),
    Planted(
        "what was to be told to a head who has left",
        (
            Fact(
                "an entry of which the school was told before she left", told_before_she_left, f"/schools/{X}/category"
            ),
        ),
        SCHOOL_IMPROVEMENT,
        she_leaves,
        LEAVING | {"head of Y", "nobody in particular"},
        in_the_midst=True,
    ),
    Planted(
        "an inspection alone",
        (CALL, ANSWERED),
        OFFICER | SPEAKS_OR_HEADS,
        nothing,
        AREA_GROUP | DEPARTMENT,
        nothing_to=DEPARTMENTS,
    ),
    Planted("an aspect alone", (ASPECT,), SCHOOL_IMPROVEMENT | AREA_GROUP, nothing, SPEAKS_OR_HEADS),
    Planted(
        "proposals answered, and an allocation corrected",
        (
            Fact("a proposal declined", declined, "/proposals"),
            Fact("a proposal confirmed for a later day", confirmed_for_later, "/proposals"),
            Fact("an allocation corrected", allocation_corrected, f"/schools/{Y}/corrections"),
        ),
        SCHOOL_IMPROVEMENT,
        proposals,
    ),
    Planted(
        "a category confirmed",
        (Fact("a proposal confirmed", confirmed, f"/schools/{X}/category"),),
        SCHOOL_IMPROVEMENT | SPEAKS_OR_HEADS,
        proposals,
    ),
]
