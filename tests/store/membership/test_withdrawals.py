"""An officer's withdrawal stands against files, which list an inspection again and again, until an officer says otherwise."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Outcome
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.explain import explain
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import (
    NotWithdrawn,
    believe_outcome,
    let_withdrawal_stand,
    withdraw_outcome,
)
from tests.store.membership.conftest import START, Authority

CATEGORY, REASSIGNED, CORRECTED = "category-in-force.changed", "representation.reassigned", "history.corrected"
OAK, ELM = "900002", "900003"
JANUARY, FEBRUARY, MARCH = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)
LATER = date(2024, 2, 29)


@pytest.fixture
async def withdrawn(abbey: Authority) -> Authority:
    """Oak was taken for a weak school by an inspection of January, and an officer withdrew it on 10 February."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.on(FEBRUARY)
    await abbey.do(lambda uow: withdraw_outcome(uow, "1", "graded", reason="Another Oak", withdrawn_by="an officer"))
    await abbey.on(MARCH)
    await abbey.forget_said()
    return abbey


async def listed(abbey: Authority, as_at: date, headline: int = 4, urn: str = OAK) -> None:
    async def work(uow: Any) -> None:
        outcome = Outcome(urn, "1", "graded", JANUARY.replace(day=1), JANUARY, uow.now, headline=headline)
        each = Published(urn, outcome, "https://reports.example/1")
        await record_outcomes(uow, [each], take_on=False, source=f"file of {as_at}", as_at=as_at, by_file=True)

    await abbey.do(work)


async def category(abbey: Authority, urn: str = OAK) -> int | None:
    facts = await abbey.do(lambda uow: facts_of(uow, [urn]))
    return standing(facts[urn], MARCH).category.value


async def questions(abbey: Authority) -> list[dict[str, Any]]:
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    return [each for each in queue["items"] if each["kind"] == "listed-again"]


@pytest.mark.parametrize("as_at", [START, FEBRUARY, LATER])
async def test_no_file_undoes_what_an_officer_has_withdrawn(withdrawn: Authority, as_at: date) -> None:
    """D3.11, R0.4: neither an earlier one, nor one of the very day, nor a later one."""
    abbey = withdrawn
    await listed(abbey, as_at)
    assert await category(abbey) is None
    assert await abbey.said() == []


async def test_a_later_file_that_lists_it_again_is_asked_about_in_whatever_order_files_come(
    withdrawn: Authority,
) -> None:
    """D3.11: once an inspection, with what the latest file says of it."""
    abbey = withdrawn
    await listed(abbey, FEBRUARY)
    assert await questions(abbey) == []
    await listed(abbey, MARCH, headline=3)
    await listed(abbey, LATER)
    (one,) = await questions(abbey)
    assert (one["urn"], one["inspection_number"], one["withdrawn_on"], one["listed_on"]) == (OAK, "1", FEBRUARY, MARCH)
    assert one["cure"] == "Let the withdrawal stand, or believe the file"
    assert (
        one["why"] == "Ofsted's file of 10 March 2024 lists inspection 1 again, which was withdrawn on 10 February 2024"
    )


async def test_a_withdrawal_that_stands_is_not_asked_about_until_a_file_says_something_else(
    withdrawn: Authority,
) -> None:
    abbey = withdrawn
    await listed(abbey, LATER)
    await abbey.do(lambda uow: let_withdrawal_stand(uow, "1", "graded", decided_by="an officer"))
    assert await questions(abbey) == []
    await listed(abbey, MARCH)
    assert await questions(abbey) == []
    await abbey.on(date(2024, 4, 2))
    await listed(abbey, date(2024, 3, 31), urn=ELM)
    assert [each["urn"] for each in await questions(abbey)] == [ELM]
    assert (await category(abbey, OAK), await category(abbey, ELM)) == (None, None)


async def test_an_officer_who_believes_the_file_has_the_outcome_published_with_what_follows(
    withdrawn: Authority,
) -> None:
    """R0.4, W-20"""
    abbey = withdrawn
    await listed(abbey, LATER)
    await abbey.do(lambda uow: believe_outcome(uow, "1", "graded", reason="It was our Oak", believed_by="an officer"))
    assert [each.type for each in await abbey.said()] == ["outcome.published", CATEGORY, REASSIGNED, CORRECTED]
    (published,) = await abbey.said("outcome.published")
    assert (published.data["corrects"], published.data["report_link"]) == (False, "https://reports.example/1")
    assert await category(abbey) == 4
    assert await questions(abbey) == []
    with pytest.raises(NotWithdrawn):
        await abbey.do(lambda uow: believe_outcome(uow, "1", "graded", reason="Again", believed_by="an officer"))
    said = [step.says for step in (await abbey.do(lambda uow: explain(uow, OAK, MARCH, None)))["steps"]]
    assert [each for each in said if each.startswith("Inspection 1, graded, w")] == [
        "Inspection 1, graded, withdrawn by an officer: Another Oak"
    ]
    assert "Inspection 1, graded, believed again by an officer: It was our Oak" in said


async def test_an_officer_who_enters_it_again_takes_her_withdrawal_back(withdrawn: Authority) -> None:
    abbey = withdrawn
    await abbey.publish(OAK, JANUARY, headline=3, number="1")
    assert await category(abbey) == 3
    await listed(abbey, MARCH)
    assert await category(abbey) == 4
