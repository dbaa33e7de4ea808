"""A school that was closed and opened again was closed meanwhile: of those days nobody speaks, whenever one asks (R0.4, D3.11)."""

import itertools
from datetime import date
from typing import Any

import pytest

from services.membership.domain.school import NotOpen, Status
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.store.schools import school
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.places import leave
from services.membership.use_cases.who_speaks import who_speaks
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import turned

OAK = "900003"
CLOSED, MEANWHILE, AGAIN = date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)
LATER = date(2024, 6, 10)
CORRECTED, RECORDED = "history.corrected", "school.recorded"


async def listed(abbey: Authority, as_at: date, **said: Any) -> None:
    await abbey.do(lambda uow: keep_schools(uow, [line(OAK, as_at, **said)]))
    await turned(abbey)


async def closes_and_opens(abbey: Authority) -> None:
    await listed(abbey, date(2023, 9, 2), closed_on=CLOSED)
    await abbey.on(AGAIN)
    await listed(abbey, AGAIN)


async def spoken_for(abbey: Authority, *days: date, known: date | None = None) -> list[bool]:
    """Whether the facts, as known on a day, give somebody for each of these days."""
    facts = (await abbey.do(lambda uow: facts_of(uow, [OAK], known=known)))[OAK]
    return [standing(facts, day).general is not None for day in days]


async def corrections(abbey: Authority) -> list[tuple[str, str, str]]:
    return [(each.data["what"], each.data["from_date"], each.data["until"]) for each in await abbey.said(CORRECTED)]


async def test_of_the_days_on_which_it_was_closed_nobody_speaks_by_what_is_known_now(abbey: Authority) -> None:
    """R0.3, R0.4: as then, so now; before and after its chair does."""
    await closes_and_opens(abbey)
    days = (date(2024, 3, 31), CLOSED, MEANWHILE, date(2024, 5, 31), AGAIN, LATER)
    assert await spoken_for(abbey, *days) == [True, False, False, False, True, True]
    with pytest.raises(NotOpen, match="not open on 1 May 2024"):
        await abbey.do(lambda uow: who_speaks(uow, OAK, "general", MEANWHILE))
    told = await abbey.do(lambda uow: explain(uow, OAK, MEANWHILE, AGAIN))
    assert (told["general"], told["inspection"]) == (None, None)
    assert "not open that day" in told["steps"][0].says


async def test_that_it_would_open_again_nobody_knew_while_it_was_closed(abbey: Authority) -> None:
    """R0.4"""
    await closes_and_opens(abbey)
    assert await spoken_for(abbey, date(2024, 3, 31), MEANWHILE, LATER, known=MEANWHILE) == [True, False, False]
    assert await spoken_for(abbey, MEANWHILE, LATER, known=date(2024, 3, 1)) == [False, False]


async def test_its_opening_again_corrects_no_day_before_it(abbey: Authority) -> None:
    """D3.10: what was answered until then, today's knowledge sees alike."""
    await abbey.forget_said()
    await closes_and_opens(abbey)
    assert await corrections(abbey) == []


async def test_the_days_since_the_edition_that_has_it_open_again_are_corrected(abbey: Authority) -> None:
    """R0.4, D3.10: read on 10 June, the file of 1 June says that it was open since then. Nobody was named until it was read."""
    await listed(abbey, date(2023, 9, 2), closed_on=CLOSED)
    await abbey.on(LATER)
    await abbey.forget_said()
    await listed(abbey, AGAIN)
    assert await corrections(abbey) == [("representation", str(AGAIN), str(LATER))]
    assert await spoken_for(abbey, date(2024, 5, 31), AGAIN, LATER) == [False, True, True]
    answered = await abbey.do(lambda uow: who_speaks(uow, OAK, "general", AGAIN))
    # It is in its body again from the day on which its opening is known.
    assert (answered["role"], answered["as_known_today"]["role"]) == (None, "duty-desk")
    assert "as far as was known then" in answered["reason"]
    assert (answered["valid_from"], answered["valid_until"]) == (CLOSED, LATER)


async def test_where_the_register_gives_the_day_on_which_it_opened_again_that_day_counts(abbey: Authority) -> None:
    """D3.11: it is no first opening: in the days before it closed it was open."""
    await listed(abbey, date(2023, 9, 2), closed_on=CLOSED)
    await abbey.on(AGAIN)
    await abbey.forget_said()
    await listed(abbey, AGAIN, opened_on=MEANWHILE)
    assert await spoken_for(abbey, START, CLOSED, date(2024, 4, 30), MEANWHILE) == [True, False, False, True]
    assert await corrections(abbey) == [("representation", str(MEANWHILE), str(AGAIN))]


EDITIONS: dict[str, dict[str, Any]] = {
    "open": {"as_at": date(2023, 9, 2)},
    "closed": {"as_at": MEANWHILE, "status": Status.CLOSED, "closed_on": CLOSED},
    "open again": {"as_at": AGAIN},
}


@pytest.mark.parametrize("order", list(itertools.permutations(EDITIONS)), ids="-".join)
async def test_editions_in_any_order_end_with_the_same_days_on_which_it_was_closed(
    abbey: Authority, order: tuple[str, ...]
) -> None:
    """D3.11"""
    await abbey.on(LATER)
    for which in order:
        await listed(abbey, **EDITIONS[which])
    assert (await abbey.do(lambda uow: school(uow, OAK))).closures == ((CLOSED, AGAIN),)
    assert await spoken_for(abbey, START, MEANWHILE, LATER) == [True, False, True]


async def test_a_closing_between_that_is_learned_late_corrects_the_days_on_which_it_was_closed(
    abbey: Authority,
) -> None:
    """R0.4: its chair was said to speak for it. What others have of the school stays as it was, and isn't told again."""
    await abbey.on(LATER)
    await listed(abbey, AGAIN)
    await abbey.forget_said()
    await listed(abbey, **EDITIONS["closed"])
    assert await corrections(abbey) == [("representation", str(CLOSED), str(AGAIN))]
    assert await abbey.said(RECORDED) == []
    answered = await abbey.do(lambda uow: who_speaks(uow, OAK, "general", MEANWHILE))
    assert (answered["role"], answered["as_known_today"]) == ("chair", None)


async def test_an_edition_that_was_sent_wrongly_and_put_right_closed_it_on_no_day(abbey: Authority) -> None:
    """D3.11: of one edition the line that was sent last counts."""
    await abbey.on(MEANWHILE)
    await listed(abbey, MEANWHILE, status=Status.CLOSED, closed_on=CLOSED)
    await listed(abbey, MEANWHILE)
    assert (await abbey.do(lambda uow: school(uow, OAK))).closures == ()
    assert await spoken_for(abbey, CLOSED, date(2024, 4, 30)) == [True, True]


async def test_a_place_that_was_to_end_while_it_was_closed_does_not_come_back(abbey: Authority) -> None:
    """W-02, R0.3: the school had said that it would leave on 1 May."""
    await abbey.do(lambda uow: leave(uow, abbey.body_id, OAK, left_on=MEANWHILE))
    await closes_and_opens(abbey)
    assert [(since, until, role) for since, until, role, _ in await abbey.answers(OAK)] == [
        (START, CLOSED, "chair"),
        (AGAIN, None, "duty-desk"),
    ]
