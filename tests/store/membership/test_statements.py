"""What many schools cost is work, not conversation: as many statements for a hundred of them as for ten (D8)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.membership.domain.appointment import Headship
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Outcome
from services.membership.domain.office import Term
from services.membership.store.people import Person
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.offices import change_office
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from shared.messaging.cause import new_id
from shared.store import UnitOfWork
from tests.statements import counted
from tests.store.membership.conftest import START, Authority, line

TEN = [f"95{number:04}" for number in range(10)]
HUNDRED = [f"96{number:04}" for number in range(100)]
MONDAY, TUESDAY = date(2023, 9, 4), date(2023, 9, 5)

Work = Callable[[Sequence[str], UnitOfWork], Awaitable[Any]]


async def same_for_both(authority: Authority, work: Work) -> int:
    """Do the work for ten schools and for a hundred others; how many statements each of the two took."""
    seen: list[list[str]] = []
    for urns in (TEN, HUNDRED):
        with counted(authority.store) as statements:
            await authority.do(lambda uow, urns=urns: work(urns, uow))  # type: ignore[misc]
        seen.append(statements)
    often = sorted({each for each in seen[1] if seen[1].count(each) > seen[0].count(each)})
    assert len(seen[0]) == len(seen[1]), f"asked the more often, the more schools: {often}"
    return len(seen[0])


@pytest.fixture
async def county(abbey: Authority) -> Authority:
    """A hundred and ten maintained schools and academies of the consortium."""
    for urns in (TEN, HUNDRED):
        await abbey.do(lambda uow, urns=urns: keep_schools(uow, [_line(urn) for urn in urns]))  # type: ignore[misc]
        memberships = [Membership(abbey.body_id, urn, START, None, True) for urn in urns]
        await abbey.do(lambda uow, m=memberships: take_on(uow, TakenOn("937", memberships=m)))  # type: ignore[misc]
    return abbey


def _line(urn: str, as_at: date = START, **changes: Any) -> Any:
    academy = {"type_code": "34", "trust_id": "7001", "trust_name": "Larch Trust"} if int(urn) % 5 < 2 else {}
    return line(urn, as_at, **(academy | changes))


def published(urns: Sequence[str], uow: UnitOfWork, on: date, headline: int) -> list[Published]:
    return [
        Published(urn, Outcome(urn, f"{urn}{on:%Y%m%d}", "graded", on, on, uow.now, headline=headline)) for urn in urns
    ]


async def test_outcomes_that_change_categories_and_speakers(county: Authority) -> None:
    """R0.4, D3.1: facts, decision, writing and telling of a whole batch at once."""
    await county.on(MONDAY)

    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        await record_outcomes(uow, published(urns, uow, MONDAY, 4), take_on=False, source="test")

    assert await same_for_both(county, work) <= 40


async def test_corrections_of_outcomes_that_were_told(county: Authority) -> None:
    await county.on(MONDAY)
    for urns in (TEN, HUNDRED):
        await county.do(
            lambda uow, urns=urns: record_outcomes(  # type: ignore[misc]
                uow, published(urns, uow, date(2023, 9, 2), 4), take_on=False, source="test"
            )
        )
    await county.on(TUESDAY)

    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        listed = published(urns, uow, date(2023, 9, 2), 2)
        await record_outcomes(uow, listed, take_on=False, source="test", as_at=TUESDAY)

    await same_for_both(county, work)


async def test_outcomes_of_the_past_that_are_taken_on(county: Authority) -> None:
    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        await record_outcomes(uow, published(urns, uow, date(2022, 3, 1), 3), take_on=True, source="test")

    await same_for_both(county, work)


async def test_each_outcome_of_the_past_is_held_against_the_entries_of_its_own_schools(
    county: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R0.1: learned late, of schools that are answered already. Each against each would be ten thousand."""
    looked = []

    async def ask(uow: UnitOfWork, at: Any, outcome: Outcome, cause: Any) -> None:
        looked.append((at.school.urn, outcome.urn))

    monkeypatch.setattr("services.membership.use_cases.record_outcomes.ask_by_outcome", ask)
    await county.on(MONDAY)

    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        await record_outcomes(uow, published(urns, uow, date(2022, 3, 1), 3), take_on=False, source="test")

    await same_for_both(county, work)
    assert sorted(looked) == [(urn, urn) for urn in (*TEN, *HUNDRED)]


async def test_lines_of_the_register_that_change_a_name_a_trust_and_a_type(county: Authority) -> None:
    await county.on(MONDAY)

    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        changed = {"type_code": "34", "trust_id": "7002", "trust_name": "Ash Trust"}
        await keep_schools(uow, [_line(urn, MONDAY, name=f"{urn} Academy", **changed) for urn in urns])

    await same_for_both(county, work)


async def test_schools_that_are_new_to_the_register(abbey: Authority) -> None:
    async def work(urns: Sequence[str], uow: UnitOfWork) -> None:
        await keep_schools(uow, [_line(urn) for urn in urns])

    await same_for_both(abbey, work)


async def test_a_day_on_which_schools_leave_their_body(abbey: Authority) -> None:
    """D3.10: a day's turn."""
    for urns, last in ((TEN, MONDAY), (HUNDRED, TUESDAY)):
        await abbey.do(lambda uow, urns=urns: keep_schools(uow, [_line(urn) for urn in urns]))  # type: ignore[misc]
        memberships = [Membership(abbey.body_id, urn, START, last, True) for urn in urns]
        await abbey.do(lambda uow, m=memberships: take_on(uow, TakenOn("937", memberships=m)))  # type: ignore[misc]
    assert len(set(await _statements_of(abbey, (MONDAY, TUESDAY)))) == 1


async def test_a_day_on_which_schools_have_a_new_head(abbey: Authority) -> None:
    """D3.10: the first of September."""
    for urns, first in ((TEN, MONDAY), (HUNDRED, TUESDAY)):
        await abbey.do(lambda uow, urns=urns: keep_schools(uow, [_line(urn) for urn in urns]))  # type: ignore[misc]
        people = [_person() for _ in (*urns, *urns)]
        given = TakenOn(
            "937",
            people=people,
            memberships=[Membership(abbey.body_id, urn, START, None, True) for urn in urns],
            headships=[
                *(Headship(people[n].person_id, urn, START, first) for n, urn in enumerate(urns)),
                *(Headship(people[-1 - n].person_id, urn, first, None) for n, urn in enumerate(urns)),
            ],
        )
        await abbey.do(lambda uow, given=given: take_on(uow, given))  # type: ignore[misc]
    assert len(set(await _statements_of(abbey, (MONDAY, TUESDAY)))) == 1


async def test_a_day_on_which_consortia_have_a_new_chair(abbey: Authority) -> None:
    """D3.10, W-05: all that were elected for one day."""
    for urns, first in ((TEN[:3], MONDAY), (HUNDRED[:30], TUESDAY)):
        await abbey.do(lambda uow, urns=urns: keep_schools(uow, [_line(urn) for urn in urns]))  # type: ignore[misc]
        before, after = [_person() for _ in urns], [_person() for _ in urns]
        bodies = [_body(new_id()) for _ in urns]
        terms = [
            _chair(body, person, begins, ends)
            for people, begins, ends in ((before, START, first), (after, first, None))
            for body, person in zip(bodies, people, strict=True)
        ]
        memberships = [Membership(body.body_id, urn, START, None, True) for body, urn in zip(bodies, urns, strict=True)]
        given = TakenOn("937", people=[*before, *after], bodies=bodies, terms=terms, memberships=memberships)
        await abbey.do(lambda uow, given=given: take_on(uow, given))  # type: ignore[misc]
    assert len(set(await _statements_of(abbey, (MONDAY, TUESDAY)))) == 1


async def _statements_of(authority: Authority, days: Sequence[date]) -> list[int]:
    """How many each of these days took, until nothing was left."""
    seen = []
    for day in days:
        await authority.do(lambda uow, day=day: uow.execute("update clock set today = $1", day))  # type: ignore[misc]
        with counted(authority.store) as statements:
            while await authority.do(turn_days):
                pass
        seen.append(len(statements))
    return seen


async def test_a_consortium_that_changes_its_chair(abbey: Authority) -> None:
    """W-05: everybody of the body is looked at again."""
    people = [_person() for _ in range(4)]
    seen = []
    for urns, (before, after) in ((TEN, people[:2]), (HUNDRED, people[2:])):
        await abbey.do(lambda uow, urns=urns: keep_schools(uow, [_line(urn) for urn in urns]))  # type: ignore[misc]
        body_id = new_id()
        given = TakenOn(
            "937",
            people=[before, after],
            bodies=[_body(body_id)],
            terms=[_chair(_body(body_id), before, START, None)],
            memberships=[Membership(body_id, urn, START, None, True) for urn in urns],
        )
        await abbey.do(lambda uow, given=given: take_on(uow, given))  # type: ignore[misc]
        change = partial(
            change_office, body_id=body_id, post="chair", person_id=after.person_id, from_date=MONDAY, route="meeting"
        )
        await abbey.on(MONDAY)
        with counted(abbey.store) as statements:
            await abbey.do(change)
        seen.append(len(statements))
    assert seen[1] <= seen[0]


def _person() -> Person:
    return Person(uuid4(), "937", "Invented", "invented@example.org", None)


def _chair(body: Body, person: Person, begins: date, ends: date | None) -> Term:
    return Term(new_id(), new_id(), body.body_id, "chair", person.person_id, begins, ends, "taken-on")


def _body(body_id: UUID) -> Body:
    offices = (new_id(), new_id(), new_id())
    return Body(
        body_id, "937", "primary-consortium", f"Body {body_id}", ["Central"], START, None, None, "04-01", *offices
    )
