"""After more than a week away the clock is in doubt: what goes on all the same, and what waits says so (D3.10, W-16)."""

from datetime import date
from typing import Any

from services.membership.use_cases import la_category
from services.membership.use_cases.failed_days import turn_all_days
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.inspection_calls import Look
from tests.store.membership.asking import DEMO, OFFICER, Ask
from tests.store.membership.conftest import START, Authority
from tests.store.membership.test_imports import as_csv, first_lines
from tests.store.membership.test_inspection_calls import LED, SCHOOL, WEDNESDAY, asked, started

MONDAY, TUESDAY, NEXT_WEDNESDAY = date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6)  # nobody has confirmed these
CONFIRM = "`consortia tick --confirm`"
IMPROVEMENT: dict[str, Any] = {"roles": ["la.school-improvement"]}


async def the_clock_says(abbey: Authority, day: date) -> None:
    """As after weeks away, or as a wrong clock does: nobody has confirmed it."""
    await abbey.do(
        lambda uow: uow.execute(
            "insert into clock (today, confirmed) values ($1, false) on conflict (only_row) "
            "do update set today = excluded.today, confirmed = false",
            day,
        )
    )


async def passed_on(abbey: Authority, day: date) -> int:
    await the_clock_says(abbey, day)
    done = 0
    while await abbey.do(Look()):
        done += 1
    return done


async def card(ask: Ask, call: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(f"/inspection-calls/{call['call_id']}", OFFICER)).json()
    return found


async def at_the_desk(ask: Ask, who: dict[str, Any] = OFFICER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask("/authorities/937/desk-queue", who)).json()["items"]
    return found


# -- inspection calls --


async def test_a_call_under_a_clock_in_doubt_is_passed_on_in_time_and_no_day_is_turned_by_it(
    ask: Ask, abbey: Authority
) -> None:
    """W-16, D3.10: the inspectors don't wait until somebody has looked at the clock."""
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, SCHOOL, category=4, from_date=date(2024, 2, 1), reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.forget_said()
    await the_clock_says(abbey, MONDAY)
    call = await started(ask)
    assert (call["answer_by"], call["waits"]) == ("2024-03-04T12:30:00Z", None)
    assert await passed_on(abbey, MONDAY) == 0
    assert await passed_on(abbey, TUESDAY) == 1
    assert asked(await card(ask, call)) == [("chair", "no-answer"), ("deputy", "waiting")]
    assert await passed_on(abbey, NEXT_WEDNESDAY) == 1
    assert asked(await card(ask, call))[-1] == ("duty-desk", "waiting")
    assert {each.type for each in await abbey.said()} == {"inspection-call.asked"}
    assert await abbey.do(lambda uow: uow.value("select turned_to from turned")) == START


async def test_a_call_from_before_the_clock_jumped_waits_and_says_so_until_somebody_cannot_or_confirms_it(
    ask: Ask, abbey: Authority
) -> None:
    """W-16, D3.10: by a wrong clock the time of everybody would have run out who was asked before."""
    await abbey.on(WEDNESDAY)
    first, second = await started(ask, SCHOOL), await started(ask, LED)
    assert first["waits"] is None
    assert await passed_on(abbey, MONDAY) == 0
    for found in (await card(ask, first), (await ask("/inspection-calls", OFFICER)).json()[0]):
        assert CONFIRM in found["waits"]
        assert found["answer_by"] is None
    cannot = (await ask(f"/inspection-calls/{first['call_id']}/cannot", OFFICER, {})).json()
    assert (asked(cannot)[-1], cannot["waits"]) == (("deputy", "waiting"), None)
    assert await passed_on(abbey, TUESDAY) == 1  # the deputy was asked by the clock as it is now
    assert asked(await card(ask, first))[-1] == ("duty-desk", "waiting")
    assert asked(await card(ask, second)) == [("chair", "waiting")]

    await turn_all_days(abbey.store, confirmed=True)
    assert (await card(ask, second))["waits"] is None
    assert await passed_on(abbey, TUESDAY) == 1
    assert asked(await card(ask, second)) == [("chair", "no-answer"), ("deputy", "waiting")]


async def test_the_duty_desk_reads_that_the_clock_waits_and_of_no_call_that_it_may_not_know(
    ask: Ask, abbey: Authority
) -> None:
    """D3.10, R0.8: of a call that no desk was asked about school improvement hears nothing."""
    await abbey.on(WEDNESDAY)
    await started(ask, SCHOOL)
    assert await at_the_desk(ask) == []
    await the_clock_says(abbey, MONDAY)
    for who in (OFFICER, IMPROVEMENT):
        [item] = await at_the_desk(ask, who)
        assert (item["kind"], item["urn"], item["since"], item["days"]) == ("clock-waits", None, "2024-01-10", 54)
        assert CONFIRM in item["cure"]
    await turn_all_days(abbey.store, confirmed=True)
    assert [each["kind"] for each in await at_the_desk(ask)] == []


# -- files --


async def _sent(ask: Ask) -> dict[str, Any]:
    content = as_csv(first_lines(2))
    sent = await ask(f"/imports/gias?name=register.csv&as_at={START}", DEMO, content=content)
    assert sent.status_code == 201, sent.text
    found: dict[str, Any] = (await ask(f"/imports/{sent.json()['import_id']}", OFFICER)).json()
    return found


async def test_a_file_that_comes_while_the_clock_is_in_doubt_says_that_it_waits_until_it_is_confirmed(
    ask: Ask, abbey: Authority
) -> None:
    """W-02, D3.10: nothing of it is applied, and whoever sent it must not wait for ever without a word."""
    assert (await _sent(ask))["waiting"]["for_the_clock"] is None
    while await abbey.do(apply_next_chunk):
        pass
    await the_clock_says(abbey, MONDAY)
    sent = await _sent(ask)
    assert not await abbey.do(apply_next_chunk)
    listed = [each for each in (await ask("/imports", OFFICER)).json() if each["import_id"] == sent["import_id"]]
    for found in (sent, *listed):
        assert (found["state"], found["position"]) == ("applying", 0)
        assert "The clock says 4 March 2024" in found["waiting"]["for_the_clock"]
        assert CONFIRM in found["waiting"]["for_the_clock"]
    assert len(listed) == 1
    assert [each["waiting"]["for_the_clock"] for each in (await ask("/imports?state=done", OFFICER)).json()] == [None]

    await turn_all_days(abbey.store, confirmed=True)
    while await abbey.do(apply_next_chunk):
        pass
    done = (await ask(f"/imports/{sent['import_id']}", OFFICER)).json()
    assert (done["state"], done["waiting"]["for_the_clock"]) == ("done", None)


async def test_an_act_that_is_refused_for_the_clock_names_the_command_that_confirms_it(
    ask: Ask, abbey: Authority
) -> None:
    """D3.10: whoever sits at the command line confirms it there."""
    await the_clock_says(abbey, MONDAY)
    entry = {"category": 4, "from": MONDAY.isoformat(), "reason": "A visit"}
    refused = await ask(f"/schools/{SCHOOL}/la-category", OFFICER, entry)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "clock-waits")
    assert CONFIRM in refused.json()["detail"]
