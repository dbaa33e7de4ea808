"""What an officer was asked because a school continues another, when a later file has the two otherwise (W-18, R0.1, D3.11)."""

from datetime import date

import pytest

from services.membership.store.asks import open_asks
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import NEW, OPENING, linked, registered
from tests.store.membership.test_decisions_go_over import entered, entries
from tests.store.membership.test_plans_that_change import A_DAY, LATER, OLD, allocated

ACADEMY, MAINTAINED = "28", "5"
TRUST_SPEAKS = (
    f"School {NEW} ({NEW}) continues School {OLD} ({OLD}) from 1 April 2024: the trust speaks for an academy, so the allocation "
    "ends"
)


async def why_asked(abbey: Authority, kind: str = "allocation-after-continuity") -> list[tuple[date, str]]:
    async with abbey.store.unit() as uow:
        return [(each.on, each.why) for each in await open_asks(uow, "937") if each.kind == kind]


async def academy_planned(abbey: Authority) -> None:
    """The register has an academy that is to open in place of the old school: an officer is asked of its leader."""
    closing, opening = line(OLD, LATER, closed_on=OPENING), line(NEW, LATER, type_code=ACADEMY, opened_on=OPENING)
    await registered(abbey, closing, opening)
    await linked(abbey, (NEW, OLD))
    assert await why_asked(abbey) == [(OPENING, TRUST_SPEAKS)]


async def test_nobody_is_asked_any_more_of_an_allocation_that_goes_over_after_all(abbey: Authority) -> None:
    """W-18, D3.11: the question said that it ends, since the trust speaks for an academy. Asked again when it ends again."""
    await academy_planned(abbey)
    await registered(abbey, line(NEW, LATER + A_DAY, type_code=MAINTAINED, opened_on=OPENING))
    assert await why_asked(abbey) == []
    await registered(abbey, line(NEW, LATER + 2 * A_DAY, type_code=ACADEMY, opened_on=OPENING))
    assert await why_asked(abbey) == [(OPENING, TRUST_SPEAKS)]


async def test_nobody_is_asked_of_an_allocation_of_a_school_that_nothing_continues_any_more(abbey: Authority) -> None:
    """W-18, D3.11"""
    await academy_planned(abbey)
    await linked(abbey, (NEW, OLD), kind="Other", as_at=LATER)
    assert await why_asked(abbey) == []


async def test_an_officer_is_asked_once_of_an_allocation_though_the_day_of_opening_has_moved(abbey: Authority) -> None:
    """W-18, D3.11"""
    await academy_planned(abbey)
    later = OPENING + 7 * A_DAY
    await registered(
        abbey,
        line(OLD, LATER + A_DAY, closed_on=later),
        line(NEW, LATER + A_DAY, type_code=ACADEMY, opened_on=later),
    )
    assert [on for on, _ in await why_asked(abbey)] == [later]


async def test_where_the_allocation_has_ended_by_then_the_officer_is_asked_whether_somebody_is_to_be_allocated(
    abbey: Authority,
) -> None:
    """W-18, R0.4: what has ended and was told stays so. It is one question, and what was answered stays answered."""
    await academy_planned(abbey)
    await abbey.on(OPENING)
    for number, (type_code, why) in enumerate(
        [(MAINTAINED, "the allocation would have gone over to it, and it has ended"), (ACADEMY, "the trust speaks")]
    ):
        await registered(abbey, line(NEW, OPENING + number * A_DAY, type_code=type_code, opened_on=OPENING))
        assert await allocated(abbey) == {OLD: (START, OPENING)}
        ((on, asked),) = await why_asked(abbey)
        assert (on, why in asked) == (OPENING, True)


@pytest.mark.parametrize("known", [LATER + A_DAY, OPENING], ids=["before its opening", "on its opening day"])
async def test_nobody_is_asked_any_more_of_an_entry_that_goes_over_after_all(abbey: Authority, known: date) -> None:
    """R0.1, D3.11"""
    await entered(abbey, on=START)
    closing, opening = line(OLD, LATER, closed_on=OPENING), line(NEW, LATER, type_code=ACADEMY, opened_on=OPENING)
    await registered(abbey, closing, opening)
    await linked(abbey, (NEW, OLD))
    assert [on for on, _ in await why_asked(abbey, "la-category-after-continuity")] == [OPENING]
    await abbey.on(known)
    await registered(abbey, line(NEW, known, type_code=MAINTAINED, opened_on=OPENING))
    assert [(each.category, each.from_date) for each in await entries(abbey)] == [(4, OPENING)]
    assert await why_asked(abbey, "la-category-after-continuity") == []
