"""What an officer was asked because a school continues another, when a later file has the two otherwise (W-18, R0.1, D3.11)."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from services.membership.domain.appointment import Headship
from services.membership.store.asks import open_asks
from services.membership.use_cases.appointments import allocate_system_leader
from services.membership.use_cases.begin_headship import begin_headship
from services.membership.use_cases.overrides import set_override
from shared.store import UnitOfWork
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


HEADED = "900001"  # by the chair of its body
ALONE = "900030"  # in no body
OF_OVERRIDE, OF_HEAD = "override-after-continuity", "head-of-continuing-school"
OF_ALLOCATION, OF_ENTRY = "allocation-after-continuity", "la-category-after-continuity"
ASKED_OF = pytest.mark.parametrize(("kind", "old"), [(OF_OVERRIDE, OLD), (OF_HEAD, HEADED)], ids=["override", "head"])


async def opens(abbey: Authority, old: str, on: date, *, as_at: date) -> None:
    """A sponsor-led academy in place of that school: of its head an officer is asked, and of whatever was decided."""
    closing, opening = line(old, as_at, closed_on=on), line(NEW, as_at, type_code=ACADEMY, opened_on=on)
    await registered(abbey, closing, opening)


async def override(abbey: Authority, urn: str) -> None:
    async def work(uow: UnitOfWork) -> None:
        await set_override(
            uow, urn, matter="both", person_id=abbey.people["newcomer"], from_date=START, until=date(2024, 8, 1),
            reason="An agreement", set_by="ms officer",
        )  # fmt: skip

    await abbey.do(work)


async def head(abbey: Authority, urn: str) -> None:
    await abbey.do(lambda uow: begin_headship(uow, Headship(abbey.people["newcomer"], urn, START, None)))


async def allocation(abbey: Authority, urn: str) -> None:
    leader = abbey.people["leader"]
    await abbey.do(lambda uow: allocate_system_leader(uow, urn, person_id=leader, from_date=START, until=None))


async def entry(abbey: Authority, urn: str) -> None:
    await entered(abbey, urn, on=START)


async def asked_about(abbey: Authority, kind: str, old: str) -> None:
    await override(abbey, OLD)
    await opens(abbey, old, OPENING, as_at=LATER)
    await linked(abbey, (NEW, old))
    assert [on for on, _ in await why_asked(abbey, kind)] == [OPENING]


@ASKED_OF
async def test_nobody_is_asked_any_more_of_an_override_or_a_head_of_a_school_that_nothing_continues(
    abbey: Authority, kind: str, old: str
) -> None:
    """W-19, W-31, D3.11. Asked again when a still later file has it so again."""
    await asked_about(abbey, kind, old)
    await linked(abbey, (NEW, old), kind="Other", as_at=LATER)
    assert await why_asked(abbey, kind) == []
    await linked(abbey, (NEW, old), as_at=LATER + A_DAY)
    assert [on for on, _ in await why_asked(abbey, kind)] == [OPENING]


@ASKED_OF
async def test_an_officer_is_asked_once_of_an_override_or_a_head_though_the_day_of_opening_has_moved(
    abbey: Authority, kind: str, old: str
) -> None:
    """W-19, W-31, D3.11"""
    await asked_about(abbey, kind, old)
    later = OPENING + 7 * A_DAY
    await opens(abbey, old, later, as_at=LATER + A_DAY)
    assert [on for on, _ in await why_asked(abbey, kind)] == [later]


@ASKED_OF
async def test_what_was_asked_for_a_day_that_has_come_waits_for_an_answer(
    abbey: Authority, kind: str, old: str
) -> None:
    """W-19, W-31: whatever else is looked at again."""
    await asked_about(abbey, kind, old)
    await abbey.on(OPENING + A_DAY)
    await registered(abbey, line(NEW, OPENING + A_DAY, type_code=ACADEMY, opened_on=OPENING, name="Renamed"))
    assert [on for on, _ in await why_asked(abbey, kind)] == [OPENING]


@pytest.mark.parametrize(
    ("kind", "old"),
    [(OF_OVERRIDE, OLD), (OF_HEAD, HEADED), (OF_ENTRY, OLD)],
    ids=["override", "head", "entry"],
)
async def test_it_is_one_question_though_the_school_is_found_to_open_later_than_on_the_day_that_has_come(
    abbey: Authority, kind: str, old: str
) -> None:
    """W-19, W-31, R0.1, D3.11"""
    await entry(abbey, OLD)
    await asked_about(abbey, kind, old)
    await abbey.on(OPENING + A_DAY)
    later = OPENING + 7 * A_DAY
    await opens(abbey, old, later, as_at=OPENING + A_DAY)
    assert [on for on, _ in await why_asked(abbey, kind)] == [later]


@pytest.mark.parametrize(
    ("kind", "decided"),
    [(OF_OVERRIDE, override), (OF_HEAD, head), (OF_ALLOCATION, allocation), (OF_ENTRY, entry)],
    ids=["override", "head", "allocation", "entry"],
)
async def test_nobody_is_asked_any_more_where_the_school_was_in_no_body_either(
    abbey: Authority, kind: str, decided: Callable[[Authority, str], Awaitable[None]]
) -> None:
    """W-18, W-19, W-31, R0.1, D3.11: nothing was written of its place, which would have had it looked at."""
    await registered(abbey, line(ALONE))
    await decided(abbey, ALONE)
    await opens(abbey, ALONE, OPENING, as_at=LATER)
    await linked(abbey, (NEW, ALONE))
    assert [on for on, _ in await why_asked(abbey, kind)] == [OPENING]
    await linked(abbey, (NEW, ALONE), kind="Other", as_at=LATER)
    assert await why_asked(abbey, kind) == []
