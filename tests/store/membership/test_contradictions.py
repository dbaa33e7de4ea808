"""What is entered too late, or says something else than is known, is answered as that and not as if all were well."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from services.membership.domain.appointment import AllocationEndsTooSoon
from services.membership.domain.continuity import BelongsUntilAnotherDay
from services.membership.domain.office import EndsBeforeItBegins
from services.membership.domain.school import NotKnownThen, NotOpen, Status, UnknownSchool
from services.membership.store import people
from services.membership.store.reviews import reviews_in
from services.membership.use_cases import appointments, la_category, offices, overrides, places
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.withdraw_outcome import believe_outcome, withdraw_outcome
from shared.store import UnitOfWork
from tests.store.membership.conftest import START, Authority, line

URN, ELSEWHERE = "900003", "900030"
JANUARY, FEBRUARY, CLOSED, TODAY = date(2024, 1, 1), date(2024, 2, 1), date(2024, 5, 1), date(2024, 6, 1)

Act = Callable[[UnitOfWork, Authority, date], Awaitable[Any]]


async def enter(uow: UnitOfWork, abbey: Authority, on: date) -> Any:
    return await la_category.set_la_category(
        uow, URN, category=4, from_date=on, reason="Why", review_on=None, set_by="officer"
    )


async def override(uow: UnitOfWork, abbey: Authority, on: date) -> Any:
    until, person = date(2024, 9, 1), abbey.people["newcomer"]
    return await overrides.set_override(
        uow, URN, matter="both", person_id=person, from_date=on, until=until, reason="Why", set_by="officer"
    )


async def allocate(uow: UnitOfWork, abbey: Authority, on: date) -> Any:
    leader = abbey.people["leader"]
    return await appointments.allocate_system_leader(uow, URN, person_id=leader, from_date=on, until=None)


async def join(uow: UnitOfWork, abbey: Authority, on: date) -> Any:
    return await places.join(uow, abbey.body_id, URN, from_date=on, by="officer")


@pytest.fixture
async def closed(abbey: Authority) -> Authority:
    """The school closed a month ago, and its place in the body ended with it."""
    await abbey.do(lambda uow: keep_schools(uow, [line(URN, date(2023, 9, 2), closed_on=CLOSED)]))
    await abbey.on(TODAY)
    await abbey.forget_said()
    return abbey


@pytest.mark.parametrize("act", [enter, override, allocate, join])
async def test_nothing_begins_of_a_school_that_has_closed(closed: Authority, act: Act) -> None:
    """W-19, W-20, W-18, R0.3"""
    with pytest.raises(NotOpen, match=r"is not open on 1 June 2024"):
        await closed.do(lambda uow: act(uow, closed, TODAY))
    assert await closed.said() == []


@pytest.mark.parametrize("act", [enter, allocate])
async def test_the_past_of_a_school_that_has_closed_is_entered_still(closed: Authority, act: Act) -> None:
    """R0.4"""
    await closed.do(lambda uow: act(uow, closed, FEBRUARY))


async def test_a_school_that_is_yet_to_open_takes_what_is_to_begin(abbey: Authority) -> None:
    """R0.3"""
    opening = line(URN, date(2023, 9, 2), status=Status.PROPOSED, opened_on=CLOSED)
    await abbey.do(lambda uow: keep_schools(uow, [opening]))
    await abbey.do(lambda uow: allocate(uow, abbey, CLOSED))


async def test_joining_again_until_another_day_is_refused_with_what_ends_a_place(abbey: Authority) -> None:
    """R0.3: passed over, the school would stay in the body for good."""
    await abbey.do(lambda uow: keep_schools(uow, [line(ELSEWHERE)]))

    async def joins(until: date | None) -> places.PlaceTaken:
        return await abbey.do(
            lambda uow: places.join(uow, abbey.body_id, ELSEWHERE, from_date=JANUARY, until=until, by="officer")
        )

    assert (await joins(None)).changed
    with pytest.raises(BelongsUntilAnotherDay, match="with no end already: to end it enter that the school leaves"):
        await joins(date(2024, 7, 1))
    assert not (await joins(None)).changed


# -- keep or lift ----------------------------------------------------------------------------------


async def asked(abbey: Authority) -> int:
    """How many questions wait at the desk; the list of them says the same."""
    found = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    listed = await abbey.do(lambda uow: reviews_in(uow, "937", only_open=True))
    waiting = [each for each in found["items"] if each["kind"] == "keep-or-lift"]
    assert len(waiting) == len(listed)
    return len(waiting)


@pytest.fixture
async def published(abbey: Authority) -> Authority:
    """An entry stands, and an outcome was published since: shall it stand?"""
    await abbey.on(JANUARY)
    await abbey.do(lambda uow: enter(uow, abbey, JANUARY))
    await abbey.on(FEBRUARY)
    await abbey.publish(URN, FEBRUARY, headline=1, number="5")
    assert await asked(abbey) == 1
    await abbey.do(lambda uow: withdraw_outcome(uow, "5", "graded", reason="Not ours", withdrawn_by="officer"))
    return abbey


async def believe(abbey: Authority) -> None:
    await abbey.do(lambda uow: believe_outcome(uow, "5", "graded", reason="It is", believed_by="officer"))


async def test_nobody_is_asked_any_more_by_an_outcome_that_is_withdrawn_until_it_is_believed(
    published: Authority,
) -> None:
    """R0.1"""
    assert await asked(published) == 0
    await believe(published)
    assert await asked(published) == 1


async def test_of_an_entry_that_is_lifted_meanwhile_nobody_is_asked_again(published: Authority) -> None:
    """R0.1"""
    await published.do(
        lambda uow: la_category.lift_la_category(uow, URN, lifted_on=FEBRUARY, reason="Over", lifted_by="officer")
    )
    await believe(published)
    assert await asked(published) == 0


# -- an end on the first day -----------------------------------------------------------------------


async def test_what_ends_on_its_first_day_is_refused_with_the_cure(abbey: Authority) -> None:
    """W-04, W-18, R0.4: it never was, so that it is corrected or withdrawn."""
    newcomer, officer = abbey.people["newcomer"], abbey.people["officer"]

    async def chairs(person: Any) -> None:
        await abbey.do(
            lambda uow: offices.change_office(
                uow, abbey.body_id, post="chair", person_id=person, from_date=START, route="meeting"
            )
        )

    await chairs(newcomer)
    with pytest.raises(EndsBeforeItBegins, match="correct or withdraw that term"):
        await chairs(officer)
    (allocation,) = await abbey.do(lambda uow: people.allocations(uow, ["900002"]))
    with pytest.raises(AllocationEndsTooSoon, match=r"correct or withdraw it \(`consortia correction`\)"):
        await abbey.do(lambda uow: appointments.end_allocation(uow, allocation.allocation_id, ended_on=START))


# -- asked of a day before the school was known ------------------------------------------------------


async def test_an_explanation_as_known_before_the_register_had_the_school_says_so(abbey: Authority) -> None:
    """R0.4: there is such a school, and to be told otherwise sends an officer to look for a wrong number."""
    with pytest.raises(NotKnownThen, match=r"did not have 900003 by 1 August 2023: it is known since 1 September 2023"):
        await abbey.do(lambda uow: explain(uow, URN, None, date(2023, 8, 1)))
    with pytest.raises(UnknownSchool):
        await abbey.do(lambda uow: explain(uow, "999999", None, date(2023, 8, 1)))
