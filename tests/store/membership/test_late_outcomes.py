"""Outcomes that arrive late: what they change of today is told as a change, and of days that have gone as a correction."""

from datetime import date
from typing import Any

from services.membership.domain.category import Continuity, Inherit, Outcome
from services.membership.store.outcomes import add_continuities
from services.membership.use_cases import policies
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import withdraw_outcome
from tests.store.membership.conftest import START, Authority, line

CATEGORY, REASSIGNED, CORRECTED = "category-in-force.changed", "representation.reassigned", "history.corrected"
OAK, ELM, NEW = "900002", "900003", "900009"
LONG_AGO = date(2022, 5, 10)
JANUARY, FEBRUARY, MARCH = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)


async def test_an_outcome_from_before_the_record_that_moves_a_speaker_today_is_told(abbey: Authority) -> None:
    """W-20, D3.10: the outcome is no news, the change of today is; a school answered for the first time is taken on."""
    await abbey.on(MARCH)
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW, MARCH)]))
    await abbey.forget_said()
    await abbey.publish(OAK, LONG_AGO, headline=4)
    await abbey.publish(NEW, LONG_AGO, headline=4)
    assert [each.type for each in await abbey.said(urn=OAK)] == [CATEGORY, REASSIGNED, CORRECTED]
    (changed,) = await abbey.said(CATEGORY, urn=OAK)
    assert (changed.data["because"], changed.data["on"]) == ("outcome", str(LONG_AGO))
    (reassigned,) = await abbey.said(REASSIGNED)
    assert (reassigned.data["cause"], reassigned.data["general_after"]["role"]) == (
        "category-in-force",
        "system-leader",
    )
    assert [(each.type, each.data["because"]) for each in await abbey.said(urn=NEW)] == [(CATEGORY, "take-on")]


async def test_a_predecessor_that_is_listed_late_moves_a_speaker_with_everybody_told(abbey: Authority) -> None:
    """D3.11, W-20: a later file lists the outcome of long ago for the academy that continues the school."""
    academy = "900011"
    await abbey.on(MARCH)
    await abbey.forget_said()
    await abbey.publish(academy, LONG_AGO, headline=4, inspected="800001")
    assert [each.type for each in await abbey.said(urn=academy)] == [CATEGORY, REASSIGNED, CORRECTED]
    (changed,) = await abbey.said(CATEGORY, urn=academy)
    assert changed.data["because"] == "inherited"


async def test_a_late_outcome_tells_the_change_of_today_and_corrects_the_days_that_have_gone(abbey: Authority) -> None:
    """R0.4, D3.10: whatever it is that comes late, entry, allocation, outcome or withdrawal."""
    await abbey.on(FEBRUARY)
    await abbey.forget_said()
    await abbey.publish(OAK, JANUARY, headline=4, number="1")
    assert [each.type for each in await abbey.said()] == ["outcome.published", CATEGORY, REASSIGNED, CORRECTED]
    assert await _corrections(abbey) == [("category-in-force", str(JANUARY), str(FEBRUARY))]
    await abbey.on(MARCH)
    await abbey.forget_said()
    await abbey.do(lambda uow: withdraw_outcome(uow, "1", "graded", reason="Wrong", withdrawn_by="an officer"))
    assert [each.type for each in await abbey.said()] == ["outcome.withdrawn", CATEGORY, REASSIGNED, CORRECTED]
    assert await _corrections(abbey) == [("category-in-force", str(JANUARY), str(MARCH))]


async def test_of_a_school_that_nobody_was_answered_about_no_past_is_corrected(abbey: Authority) -> None:
    """D3.10: it comes into the register today, with an outcome of last month."""
    await abbey.on(MARCH)
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW, MARCH)]))
    await abbey.publish(NEW, JANUARY, headline=4)
    assert await _corrections(abbey) == []


async def test_a_merged_school_names_the_outcome_that_decides_of_those_it_inherits(abbey: Authority) -> None:
    """W-20, R0.1: under `always` two schools that were merged are inspected, and one file has both."""
    await abbey.do(
        lambda uow: policies.adopt_category_policy(
            uow, "937", name="ofsted", from_date=START, inherit=Inherit.ALWAYS, reason="Why", adopted_by="her"
        )
    )
    await abbey.on(MARCH)
    merged = {Continuity(ELM, old, merged=True) for old in ("800001", "800002")}
    await abbey.do(lambda uow: add_continuities(uow, merged, "links"))
    await abbey.forget_said()

    async def both(uow: Any) -> None:
        listed = [
            Published(old, Outcome(old, number, "graded", START, published, uow.now, headline=headline))
            for old, number, published, headline in (
                ("800001", "later", FEBRUARY, 4),
                ("800002", "earlier", JANUARY, 3),
            )
        ]
        await record_outcomes(uow, listed, take_on=False, source="a file")

    await abbey.do(both)
    told = await abbey.said("outcome.published", CATEGORY, urn=ELM)
    assert [(each.type, each.data.get("because_ref") or each.data["inspection_number"]) for each in told] == [
        ("outcome.published", "earlier"),
        (CATEGORY, "earlier"),
        ("outcome.published", "later"),
        (CATEGORY, "later"),
    ]
    stories = [each.correlation_id for each in told]
    assert stories[0] == stories[1] != stories[2] == stories[3]


async def _corrections(abbey: Authority) -> list[tuple[str, str, str]]:
    return [(each.data["what"], each.data["from_date"], each.data["until"]) for each in await abbey.said(CORRECTED)]
