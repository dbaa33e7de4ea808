"""The end of an outcome that a school inherited is told to it, whatever the authority has entered of its own."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from services.membership.domain.links import Link
from services.membership.use_cases import la_category
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from tests.store.membership.conftest import START, Authority, line

OLD, ACADEMY, ELM = "900003", "900020", "900004"
OPENS, PUBLISHED, LATER = date(2024, 5, 1), date(2024, 6, 1), date(2024, 6, 10)

Act = Callable[[Authority], Awaitable[None]]


@pytest.fixture
async def inheriting(abbey: Authority) -> Authority:
    """The school converts on 1 May; what was inspected before is published in June, and the academy inherits it."""
    academy = line(ACADEMY, type_code="34", opened_on=OPENS, trust_id="7001", trust_name="Larch Trust")
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, date(2023, 9, 2), closed_on=OPENS), academy]))
    await abbey.do(lambda uow: keep_links(uow, [Link(ACADEMY, OLD, "Predecessor", None, "links", START)]))
    await abbey.on(PUBLISHED)
    await abbey.publish(ACADEMY, PUBLISHED, headline=2, number="77", inspected=OLD)
    return abbey


async def is_withdrawn(abbey: Authority) -> None:
    await abbey.do(
        lambda uow: withdraw_outcome(uow, "77", "graded", reason="Another school", withdrawn_by="an officer")
    )


async def was_elms(abbey: Authority) -> None:
    await abbey.publish(ELM, PUBLISHED, headline=2, number="77")


async def was_the_academys_own(abbey: Authority) -> None:
    await abbey.publish(ACADEMY, PUBLISHED, headline=2, number="77")


async def about_outcomes(abbey: Authority) -> list[tuple[str, str, dict[str, Any]]]:
    said = await abbey.said("outcome.published", "outcome.withdrawn")
    assert all(each.told for each in said)
    return [(each.type, each.key[-6:], each.data) for each in said]


@pytest.mark.parametrize("act", [is_withdrawn, was_elms])
async def test_what_is_learned_of_days_after_a_school_closed_corrects_nothing_of_it(
    inheriting: Authority, act: Act
) -> None:
    """D3.10: it had no category then of which anybody was told; the school that continues it had."""
    abbey = inheriting
    await abbey.on(LATER)
    await abbey.forget_said()
    await act(abbey)
    corrected = {each.key[-6:]: each.data["what"] for each in await abbey.said("history.corrected")}
    assert corrected.pop(ACADEMY) == "category-in-force"
    assert corrected == ({} if act is is_withdrawn else {ELM: "category-in-force"})


@pytest.mark.parametrize("entry", [None, 4, 2])
@pytest.mark.parametrize(("act", "why"), [(is_withdrawn, "withdrawn"), (was_elms, "another-school")])
async def test_the_school_that_inherits_hears_of_the_end_alike_whether_the_authority_has_an_entry_of_its_own_or_not(
    inheriting: Authority, act: Act, why: str, entry: int | None
) -> None:
    """R0.8: an event that is missing would show the entry (docs/decisions/0013)."""
    abbey = inheriting
    if entry is not None:
        await abbey.do(
            lambda uow: la_category.set_la_category(
                uow, ACADEMY, category=entry, from_date=PUBLISHED, reason="Why", review_on=None, set_by="an officer"
            )
        )
    await abbey.on(LATER)
    await abbey.forget_said()
    await act(abbey)
    (gone,) = [(kind, data) for kind, urn, data in await about_outcomes(abbey) if urn == ACADEMY]
    assert (gone[0], gone[1]["why"]) == ("outcome.withdrawn", why)
    assert (gone[1]["public_category_before"], gone[1]["public_category_after"]) == (2, None)


async def test_an_outcome_that_was_inherited_and_is_the_schools_own_is_told_as_its_own_and_not_as_withdrawn(
    inheriting: Authority,
) -> None:
    """R0.1: it counts on, so nobody strikes it out."""
    abbey = inheriting
    await abbey.on(LATER)
    await abbey.forget_said()
    await was_the_academys_own(abbey)
    ((kind, urn, told),) = await about_outcomes(abbey)
    assert (kind, urn, told["inherited_from_urn"]) == ("outcome.published", ACADEMY, None)
    assert told["corrects"]  # it was told of before: N-05, so the feed names its earlier entry


async def test_an_outcome_that_was_the_schools_own_and_is_inherited_is_told_as_inherited_and_not_as_withdrawn(
    inheriting: Authority,
) -> None:
    """R0.1, N-05"""
    abbey = inheriting
    await abbey.on(LATER)
    await was_the_academys_own(abbey)
    await abbey.forget_said()
    await abbey.publish(ACADEMY, PUBLISHED, headline=2, number="77", inspected=OLD)
    ((kind, urn, told),) = await about_outcomes(abbey)
    assert (kind, urn, told["inherited_from_urn"]) == ("outcome.published", ACADEMY, OLD)
    assert told["corrects"]


async def test_the_school_that_inherits_hears_that_the_outcome_was_corrected_and_gives_no_category_any_more(
    inheriting: Authority,
) -> None:
    """R0.1, N-05: it lost its category, and nobody heard why."""
    abbey = inheriting
    await abbey.on(LATER)
    await abbey.forget_said()
    await abbey.publish(ACADEMY, PUBLISHED, number="77", inspected=OLD)
    ((kind, urn, told),) = await about_outcomes(abbey)
    assert (kind, urn, told["inherited_from_urn"], told["corrects"]) == ("outcome.published", ACADEMY, OLD, True)
    assert (told["public_category_before"], told["public_category_after"]) == (2, None)
    await abbey.forget_said()
    await abbey.publish(ACADEMY, PUBLISHED, number="77", inspected=OLD)
    assert await about_outcomes(abbey) == [], "said once"


async def test_a_school_that_inherits_another_outcome_hears_nothing_of_one_that_it_never_inherited(
    inheriting: Authority,
) -> None:
    """R0.8"""
    abbey = inheriting
    await abbey.on(LATER)
    await abbey.publish(ACADEMY, date(2024, 5, 20), headline=3, number="76", inspected=OLD)
    await abbey.forget_said()
    await abbey.do(lambda uow: withdraw_outcome(uow, "76", "graded", reason="Wrong", withdrawn_by="an officer"))
    assert await about_outcomes(abbey) == []
