"""A school is told of what the officer has seen in the preview, and of nothing that was entered since (R0.8)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.membership.use_cases.who_speaks import category_of
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_told import DAY, SCHOOL, everything, plan_entry

NEXT_DAY = DAY + timedelta(days=1)


async def seen(ask: Ask, on: date = DAY) -> list[str]:
    found = (await ask(f"/schools/{SCHOOL}/told/preview?told_on={on}", OFFICER)).json()
    return [each["correlation_id"] for each in found["lets_out"]]


async def told(ask: Ask, on: date = DAY, **of: Any) -> dict[str, Any]:
    answer = await ask(f"/schools/{SCHOOL}/told", OFFICER, {"told_on": on.isoformat(), **of})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def read_by_the_school(abbey: Authority) -> Any:
    return (await abbey.do(lambda uow: category_of(uow, SCHOOL, uow.today, to_the_school=True)))["category"]


async def test_what_was_entered_after_the_officer_has_looked_waits_until_the_school_is_told_of_it(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: she told the school of what she saw, on this day, and of no more."""
    await abbey.on(DAY)
    await plan_entry(abbey, category=3)
    stories = await seen(ask)
    await plan_entry(abbey, category=4)
    first = await told(ask, stories=stories)
    assert (first["releases"], first["waits"]) == (stories, [DAY.isoformat()])
    assert first["note"].startswith("This cannot be undone")
    assert first["note"].endswith(
        "Something of 1 March 2024 is not among these stories and waits: look at the preview, and tell the school of that"
    )
    assert await read_by_the_school(abbey) == 3
    since = await seen(ask)
    assert (len(since), UUID(since[0]) != UUID(stories[0])) == (1, True)
    assert (await told(ask, stories=since))["releases"] == since
    assert await read_by_the_school(abbey) == 4


async def test_of_an_empty_preview_nothing_goes_out_and_the_answer_says_that_something_waits(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8"""
    await abbey.on(DAY)
    stories = await seen(ask)
    await plan_entry(abbey)
    answer = await told(ask, stories=stories)
    assert (stories, answer["releases"], answer["waits"]) == ([], [], [DAY.isoformat()])
    assert answer["note"].startswith("Something of 1 March 2024 is not among these stories and waits")


async def test_who_names_no_stories_tells_of_all_that_is_held_back_as_before(ask: Ask, abbey: Authority) -> None:
    """R0.8"""
    await abbey.on(DAY)
    await plan_entry(abbey, category=3)
    await plan_entry(abbey, category=4)
    assert (len((await told(ask))["releases"]), await read_by_the_school(abbey)) == (2, 4)


async def test_nothing_goes_out_before_what_was_held_back_before_it(ask: Ask, abbey: Authority) -> None:
    """R0.8: the older story may be what the later one lifts or corrects; and by the refusal nothing is recorded."""
    await abbey.on(DAY)
    await plan_entry(abbey, category=3)
    (older,) = await seen(ask)
    await abbey.on(NEXT_DAY)
    await plan_entry(abbey, category=4, on=NEXT_DAY)
    (later,) = set(await seen(ask, NEXT_DAY)) - {older}
    before = await everything(abbey)
    refused = await ask(f"/schools/{SCHOOL}/told", OFFICER, {"told_on": NEXT_DAY.isoformat(), "stories": [later]})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "held-before-these")
    assert "Something of 1 March 2024 was held back before" in refused.json()["detail"]
    assert await everything(abbey) == before
    assert (await told(ask, NEXT_DAY, stories=[later, older]))["releases"] == [older, later]
