"""An inspection that is entered for one school and listed by Ofsted for another (R0.5, D3.11, docs/decisions/0020)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Outcome
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from tests.store.membership.asking import Ask
from tests.store.membership.conftest import Authority, line

DAY, FILE = date(2024, 3, 1), date(2024, 2, 29)
OURS, THEIRS, THEIRS_TOO = "910001", "900003", "900004"
OF_801 = {"roles": ["la.officer"], "authorities": ["801"]}
OF_937 = {"roles": ["la.officer"], "authorities": ["937"]}
OF_BOTH = {"roles": ["la.officer"], "authorities": ["801", "937"]}


def entered(urn: str, headline: int) -> dict[str, Any]:
    outcome = {"urn": urn, "inspection_number": "N5", "kind": "graded", "headline": headline}
    return {"outcomes": [outcome | {"inspection_started_on": "2024-02-01", "published_on": "2024-02-20"}]}


async def listed(abbey: Authority, urn: str, headline: int = 4, as_at: date = FILE) -> None:
    async def work(uow: Any) -> None:
        outcome = Outcome(urn, "N5", "graded", date(2024, 2, 1), date(2024, 2, 20), uow.now, headline=headline)
        await record_outcomes(uow, [Published(urn, outcome)], take_on=False, source="a file", as_at=as_at, by_file=True)

    await abbey.do(work)


async def asked(abbey: Authority, authority: str = "937") -> list[tuple[str, str]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, authority, after=None, limit=100))
    return [(each["urn"], each["why"]) for each in queue["items"] if each["kind"] == "question"]


async def category(ask: Ask, urn: str, who: dict[str, list[str]]) -> int | None:
    found: int | None = (await ask(f"/schools/{urn}/category", who)).json()["category"]
    return found


@pytest.fixture
async def taken(abbey: Authority, ask: Ask) -> Authority:
    """801 has entered an inspection of 937's for a school of its own, before Ofsted's file of the day before comes."""
    await abbey.do(lambda uow: keep_schools(uow, [line(OURS, authority="801")]))
    await abbey.on(DAY)
    assert (await ask("/outcomes", OF_801, entered(OURS, 2))).status_code == 201
    return abbey


async def test_what_a_file_lists_for_a_school_and_another_took_is_asked_at_its_desk_once(taken: Authority) -> None:
    """D3.11: it isn't dropped without a word."""
    await listed(taken, THEIRS)
    await listed(taken, THEIRS, as_at=date(2024, 1, 31))
    ((urn, why),) = await asked(taken)
    assert urn == THEIRS
    assert why.startswith(f"The file of 29 February 2024 lists inspection N5 (graded) for {THEIRS}")
    assert OURS in why
    assert await asked(taken, "801") == []


async def test_the_officer_of_the_school_that_the_file_names_puts_it_right_and_the_question_is_answered(
    taken: Authority,
    ask: Ask,
) -> None:
    """R0.5"""
    await listed(taken, THEIRS)
    assert (await ask("/outcomes", OF_937, entered(THEIRS, 4))).status_code == 201
    assert await category(ask, THEIRS, OF_937) == 4
    assert await category(ask, OURS, OF_801) is None
    assert await asked(taken) == []
    assert (await ask("/outcomes", OF_801, entered(OURS, 2))).status_code == 403


@pytest.mark.parametrize("urn", [THEIRS, THEIRS_TOO])
async def test_without_a_file_that_names_her_school_no_officer_takes_it(
    taken: Authority,
    ask: Ask,
    urn: str,
) -> None:
    """R0.5"""
    if urn == THEIRS_TOO:
        await listed(taken, THEIRS)
    assert (await ask("/outcomes", OF_937, entered(urn, 4))).status_code == 403


async def test_nobody_is_asked_about_what_was_entered_otherwise_than_a_file_that_was_there_before(
    taken: Authority,
    ask: Ask,
) -> None:
    """R0.4: she knew what the file says; the same file again is no news, and she alone can't be overruled by it."""
    await taken.on(date(2024, 3, 10))
    await listed(taken, THEIRS, as_at=date(2024, 3, 9))
    assert (await ask("/outcomes", OF_BOTH, entered(OURS, 2))).status_code == 201
    await listed(taken, THEIRS, as_at=date(2024, 3, 9))
    assert await asked(taken) == []
    assert await category(ask, OURS, OF_801) == 2


async def test_what_was_entered_for_a_school_before_the_register_had_it_is_asked_at_the_desk_where_it_turns_out_to_be(
    abbey: Authority,
    ask: Ask,
) -> None:
    """R0.5: it counts, as whoever opens a school needs it to; but an officer of 801 may have entered it for one of 937."""
    new = "900099"
    await abbey.on(DAY)
    assert (await ask("/outcomes", OF_801, entered(new, 4))).status_code == 201
    assert await asked(abbey) == []
    await abbey.do(lambda uow: keep_schools(uow, [line(new, as_at=DAY)]))
    ((urn, why),) = await asked(abbey)
    assert urn == new
    assert why.startswith("Inspection N5 (graded) was entered for 900099 before the register had it")
    assert await asked(abbey, "801") == []
