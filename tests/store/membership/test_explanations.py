"""Which outcomes an explanation counts, and what it says of each: those that count for the school on that day (R0.1, R0.4)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Inherit
from services.membership.domain.links import Link
from services.membership.domain.report_card import ReportCard
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.policies import adopt_category_policy
from services.membership.use_cases.step import Step
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from tests.store.membership.conftest import Authority, line

OAK, CONVERTER, BEFORE = "900003", "900011", "900004"
JANUARY, FEBRUARY, MARCH = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)


async def outcomes(abbey: Authority, urn: str, on: date, known: date | None = None) -> list[Step]:
    steps: list[Step] = (await abbey.do(lambda uow: explain(uow, urn, on, known)))["steps"]
    return [step for step in steps if step.about == "outcome" and "version" in step.says]


async def adopt(abbey: Authority, name: str, inherit: Inherit = Inherit.CONVERTERS) -> None:
    await abbey.do(
        lambda uow: adopt_category_policy(
            uow, "937", name=name, from_date=uow.today, inherit=inherit, reason="Decided", adopted_by="her"
        )
    )


async def test_each_version_of_an_outcome_is_told_with_its_own_grade_and_only_the_believed_one_counts(
    abbey: Authority,
) -> None:
    """R0.4: what was entered wrongly stays in the record as it was entered, and no longer counts."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    await abbey.on(FEBRUARY)
    await abbey.publish(OAK, JANUARY, headline=2, number="1")
    assert [(step.says, step.counts) for step in await outcomes(abbey, OAK, FEBRUARY)] == [
        ("Inspection 1, graded, version 1: headline 4, Category 4 by the table (test)", False),
        ("Inspection 1, graded, version 2: headline 2, Category 2 by the table (test)", True),
    ]
    assert [step.counts for step in await outcomes(abbey, OAK, FEBRUARY, known=JANUARY)] == [True]


@pytest.mark.parametrize(
    ("judged", "says"),
    [
        (
            {"quality_of_education": 2, "leadership": 3, "safeguarding_effective": True},
            "safeguarding effective, quality of education 2, leadership 3, Category 3 by the table",
        ),
        (
            {"headline": 3, "category_of_concern": "SWK", "safeguarding_effective": False},
            "headline 3, category of concern SWK, safeguarding not effective, Category 4 by the table",
        ),
        (
            {
                "report_card": ReportCard.of({"achievement": "needs attention", "inclusion": "strong standard"}),
                "safeguarding_effective": True,
            },
            "safeguarding effective, inclusion: strong standard, achievement: needs attention, Category 3 by the table",
        ),
    ],
)
async def test_every_judgement_that_the_table_reads_is_told(
    abbey: Authority, judged: dict[str, Any], says: str
) -> None:
    """R0.1, R0.4: since September 2024 there is no headline, and of what decided nothing was said."""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, number="1", **judged)
    (step,) = await outcomes(abbey, OAK, JANUARY)
    assert step.says == f"Inspection 1, graded, version 1: {says} (test)"


@pytest.mark.parametrize(
    ("type_code", "says"),
    [
        ("1", "its type, Community school, makes it a maintained school"),
        ("34", "its type, Academy converter, makes it an academy"),
        ("6", "its type, City technology college, makes it neither a maintained school nor an academy"),
        ("99", "its type (99) isn't known here"),
        ("", "the register gives no type"),
    ],
)
async def test_what_the_type_of_a_school_makes_it_is_said_in_words(abbey: Authority, type_code: str, says: str) -> None:
    """W-02"""
    await abbey.do(lambda uow: keep_schools(uow, [line("900050", type_code=type_code)]))
    steps: list[Step] = (await abbey.do(lambda uow: explain(uow, "900050", None, None)))["steps"]
    assert steps[0].says == f"School 900050 is open that day; {says}"


async def test_an_outcome_counts_from_its_publication_and_not_once_it_is_withdrawn(abbey: Authority) -> None:
    """R0.4: a category is true from its publication date."""
    await abbey.on(MARCH)
    await abbey.publish(OAK, FEBRUARY, headline=3, number="2")
    assert [step.counts for step in await outcomes(abbey, OAK, JANUARY)] == [False]
    assert [step.counts for step in await outcomes(abbey, OAK, FEBRUARY)] == [True]
    await abbey.do(lambda uow: withdraw_outcome(uow, "2", "graded", reason="Another Oak", withdrawn_by="her"))
    assert [step.counts for step in await outcomes(abbey, OAK, FEBRUARY)] == [False]


async def test_an_outcome_of_the_school_before_counts_where_the_policy_inherits_it(abbey: Authority) -> None:
    """R0.1, `inherit`"""
    await abbey.on(JANUARY)
    await abbey.publish(CONVERTER, JANUARY, headline=3, number="3", inspected=BEFORE)
    (step,) = await outcomes(abbey, CONVERTER, JANUARY)
    assert (step.counts, f"of {BEFORE}, which this school continues" in step.says) == (True, True)
    await abbey.on(FEBRUARY)
    await adopt(abbey, "ofsted", Inherit.NEVER)
    assert [step.counts for step in await outcomes(abbey, CONVERTER, FEBRUARY)] == [False]
    assert [step.counts for step in await outcomes(abbey, CONVERTER, JANUARY)] == [True]


async def test_no_outcome_counts_where_the_authoritys_own_category_decides(abbey: Authority) -> None:
    """R0.1, `la`"""
    await abbey.on(JANUARY)
    await abbey.publish(OAK, JANUARY, headline=3, number="4")
    await abbey.on(FEBRUARY)
    await adopt(abbey, "la")
    assert [step.counts for step in await outcomes(abbey, OAK, FEBRUARY)] == [False]


async def test_an_explanation_says_which_school_it_continues_and_since_when_that_is_known(abbey: Authority) -> None:
    """R0.4, D3.11"""
    await abbey.on(FEBRUARY)
    links = [Link(CONVERTER, BEFORE, "Predecessor", JANUARY, "links", FEBRUARY)]
    await abbey.do(lambda uow: keep_links(uow, links))

    async def said(known: date) -> list[tuple[str, bool, date | None]]:
        steps = (await abbey.do(lambda uow: explain(uow, CONVERTER, FEBRUARY, known)))["steps"]
        return [(step.says, step.counts, step.known_on) for step in steps if step.about == "continues"]

    assert await said(JANUARY) == []
    assert await said(FEBRUARY) == [("It continues School 900004 (900004) (links)", True, FEBRUARY)]
