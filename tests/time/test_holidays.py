"""Of what happens in the holidays people hear when school begins: those who are in post by then (R0.8, R0.9)."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.appointment import CHIEF_EXECUTIVE, TrustContact
from services.membership.domain.category import Outcome
from services.membership.domain.governors import ChairOfGovernors
from services.membership.store.people import Person
from services.membership.use_cases import governors, la_category, trust_contacts
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.store import UnitOfWork
from tests.store.membership.conftest import line
from tests.time.conftest import Installation
from tests.time.year import someone

JUNE, HOLIDAYS, AUGUST = date(2026, 6, 2), date(2026, 7, 28), date(2026, 8, 18)
SEPTEMBER, A_WEEK_LATER = date(2026, 9, 1), date(2026, 9, 8)
ACADEMY, LARCH = "900011", "7001"
OLD_CHIEF, NEW_CHIEF, OLD_CHAIR, NEW_CHAIR = (
    someone(f"{age} {post}") for post in ("chief", "chair") for age in ("old", "new")
)


@pytest.fixture
async def academy(installation: Callable[[], Installation]) -> Installation:
    """An academy, its trust and its governors, on the last day before the holidays."""
    here = installation()
    await here.it_is(JUNE)
    academy = line(ACADEMY, JUNE, type_code="34", trust_id=LARCH, trust_name="Larch Trust")
    await here.do(lambda uow: keep_schools(uow, [academy]))
    everybody = (OLD_CHIEF, NEW_CHIEF, OLD_CHAIR, NEW_CHAIR)
    given = TakenOn(
        authority="937",
        routing_policy="warwickshire",
        districts=[("CV31", "Central")],
        people=[Person(each, "937", "Invented somebody", f"{each}@example.org", None) for each in everybody],
        trust_contacts=[TrustContact(LARCH, CHIEF_EXECUTIVE, OLD_CHIEF, JUNE, None)],
        chairs_of_governors=[ChairOfGovernors(ACADEMY, OLD_CHAIR, JUNE, None)],
    )
    await here.do(lambda uow: take_on(uow, given))
    await here.tick()
    await here.it_is(HOLIDAYS)
    await here.tick(confirmed=True)
    return here


async def falls(here: Installation) -> None:
    """Ofsted's outcome brings it into Category 3, and the trust speaks for it in general."""

    async def work(uow: UnitOfWork) -> object:
        outcome = Outcome(
            urn=ACADEMY, inspection_number="N1", kind="graded", inspection_started_on=JUNE, published_on=HOLIDAYS,
            recorded_at=uow.now, headline=3,
        )  # fmt: skip
        return await record_outcomes(uow, [Published(ACADEMY, outcome)], take_on=False, source="test")

    await here.do(work)
    await here.tick()


async def is_set_aside(here: Installation) -> None:
    """By an entry of the authority, of which the school and the chair of its governors are told at once."""
    await here.do(lambda uow: la_category.set_la_category(
        uow, ACADEMY, category=3, from_date=HOLIDAYS, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    await here.tick()
    await here.do(lambda uow: la_category.record_school_told(
        uow, ACADEMY, told_on=HOLIDAYS, told_by="officer", and_the_chair_of_governors=True
    ))  # fmt: skip
    await here.tick()


async def hand_over(here: Installation) -> None:
    """It becomes known that both posts change hands in August, and they do."""
    await here.do(lambda uow: trust_contacts.end_trust_contact(uow, LARCH, CHIEF_EXECUTIVE, ended_on=AUGUST))
    new = TrustContact(LARCH, CHIEF_EXECUTIVE, NEW_CHIEF, AUGUST, None)
    await here.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[new])))
    await here.do(lambda uow: governors.take_the_chair(uow, ACADEMY, person_id=NEW_CHAIR, from_date=AUGUST, until=None))
    for day in (AUGUST, SEPTEMBER, A_WEEK_LATER):
        assert day > SEPTEMBER or await written_to(here) == {}, "somebody was written to in the holidays"
        await here.it_is(day)
        await here.tick(confirmed=True)


async def written_to(here: Installation) -> dict[UUID, list[str]]:
    """Every person to whom a letter went, and what it told: what kind of thing, and on what."""
    rows = await here.rows(
        "select person_id, kind || ' ' || (details ->> 'matters') as told from message "
        "where state = 'sent' and kind <> 'desk-speaks' order by person_id, told",
        service="notifications",
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.told)
    return found


# Of the change of August itself: when the school is inspected the chief executive speaks herself.
AUGUSTS = {OLD_CHIEF: ['you-no-longer-speak ["inspection"]'], NEW_CHIEF: ['you-speak ["inspection"]']}


async def test_of_a_change_in_the_holidays_the_chief_executive_of_september_hears_and_she_who_left_does_not(
    academy: Installation,
) -> None:
    """R0.8, R0.9: the outcome was published while she was in post, and nobody is written to before September."""
    await falls(academy)
    await hand_over(academy)
    assert await written_to(academy) == {
        OLD_CHIEF: AUGUSTS[OLD_CHIEF],
        NEW_CHIEF: ['you-speak ["general"]', *AUGUSTS[NEW_CHIEF]],
    }


async def test_so_with_a_restricted_change_of_which_the_chair_of_governors_was_to_hear(academy: Installation) -> None:
    """R0.8, R0.9"""
    await is_set_aside(academy)
    await hand_over(academy)
    assert await written_to(academy) == {
        OLD_CHIEF: AUGUSTS[OLD_CHIEF],
        NEW_CHIEF: ['you-speak ["general"]', *AUGUSTS[NEW_CHIEF]],
        NEW_CHAIR: ['governors-hear ["general"]'],
    }
