"""What was due and can't be done keeps nobody else's days back, and has one visible end (D3.10)."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.membership.domain.body import Body
from services.membership.store import due, failed_due
from services.membership.store.due import Due
from services.membership.use_cases import appointments, la_category, members, offices, places, reroute, restricted
from services.membership.use_cases import follow as following
from services.membership.use_cases.failed_days import turn
from services.membership.use_cases.hold import StandsStill
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from tests.store.membership.asking import OFFICER, OPS, Ask
from tests.store.membership.conftest import START, Authority, line

DAY, NEXT = date(2024, 2, 1), date(2024, 2, 5)
BROKEN, WHOLE, ELSEWHERE = "900003", "900002", "801001"
SET, CATEGORY = "la-category.set", "category-in-force.changed"

Plant = Callable[..., None]


class Locked(Exception):
    """As the database says it."""

    sqlstate = "55P03"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Something goes wrong in our own code wherever it meets what is named; called with nothing it is mended."""

    def plant(
        where: Any = None,
        name: str = "",
        meets: Callable[..., bool] = lambda *given: True,
        problem: Exception = KeyError("nobody thought of this"),
    ) -> None:
        if where is None:
            monkeypatch.undo()
            return
        real = getattr(where, name)

        def fails(*given: Any, **also: Any) -> Any:
            if meets(*given):
                raise problem
            return real(*given, **also)

        monkeypatch.setattr(where, name, fails)

    with capture_logs():  # drawing what went wrong takes longer than all else here
        yield plant


def _school(facts: Any, *_: Any) -> bool:
    return bool(facts.circumstances.school.urn == BROKEN)


def _entry(uow: Any, entry: Any, *_: Any) -> bool:
    return bool(entry.urn == BROKEN)


async def _plan(abbey: Authority, urn: str, day: date, category: int = 3) -> None:
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, urn, category=category, from_date=day, reason="A visit", review_on=None, set_by="officer"
        )
    )


async def _today(abbey: Authority, day: date) -> None:
    await abbey.do(lambda uow: uow.execute("update clock set today = $1", day))


async def _elsewhere(abbey: Authority) -> None:
    """A school of the other authority that closes on the next day but one."""
    await abbey.do(lambda uow: keep_schools(uow, [line(ELSEWHERE, authority="801", closed_on=NEXT)]))


async def _ticked(ask: Ask, abbey: Authority, day: date) -> Any:
    """The clock goes to that day and its turn is done, as operators do it."""
    await _today(abbey, day)
    answer = await ask("/tick?confirm=true", OPS, {})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _told(abbey: Authority, kind: str) -> set[str]:
    return {each.data["urn"] for each in await abbey.said(kind)}


async def test_what_cannot_be_done_keeps_no_other_school_and_no_other_day_back(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.10: the days of every authority go on, whatever fails: a look, an act, a continuation."""
    await _elsewhere(abbey)
    await abbey.do(lambda uow: keep_schools(uow, [line(BROKEN, closed_on=DAY)]))
    await _plan(abbey, WHOLE, DAY)
    await _plan(abbey, "900004", NEXT)
    await abbey.do(lambda uow: due.put_off(uow, [Due("head-moves", "nobody", DAY)]))
    await abbey.do(lambda uow: uow.execute("insert into to_follow (urn) values ('900012'), ($1)", WHOLE))
    await abbey.forget_said()
    broken(reroute, "standing", lambda facts, day: _school(facts) and day == DAY)
    broken(following, "settle_relations", lambda uow, marked: "900012" in marked)
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 3
    assert await _told(abbey, CATEGORY) == {WHOLE, "900004"}
    assert [each.data["open"] for each in await abbey.said("school.recorded", urn=ELSEWHERE)] == [False]
    assert await _ticked(ask, abbey, NEXT) == {"done": 0, "failed": 3}
    failed = {each["kind"]: each for each in (await ask("/due", OFFICER)).json()}
    assert {kind: each["concerns"] for kind, each in failed.items()} == {
        "school-day": [BROKEN],
        "head-moves": [],
        "continuation": ["900012"],
    }
    # A school that is passed over is looked at again tomorrow, or when anything about it changes.
    await ask(f"/due/{failed['school-day']['failure_id']}/discard", OFFICER, {"reason": "No cure is known"})
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 2
    assert [each.data["open"] for each in await abbey.said("school.recorded", urn=BROKEN)] == [False]
    broken()
    await ask(f"/due/{failed['continuation']['failure_id']}/retry", OFFICER, {})
    await ask(f"/due/{failed['head-moves']['failure_id']}/discard", OPS, {"reason": "There is no such person"})
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 0
    assert await abbey.do(lambda uow: uow.value("select count(*) from to_follow")) == 0


async def test_what_is_due_of_the_same_school_waits_behind_what_failed_and_comes_in_order_after_it(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """R0.8, D3.10: nothing of it is told by itself while a restricted act of it stands."""
    await _plan(abbey, BROKEN, DAY)
    await _plan(abbey, BROKEN, NEXT, category=4)
    await abbey.forget_said()
    await _today(abbey, NEXT)
    broken(restricted, "tell_entry", _entry, Locked())
    with pytest.raises(Locked):
        await turn(abbey.store)
    assert await abbey.do(failed_due.count) == 0, "what others hold for a moment is no failure of this"
    broken(restricted, "tell_entry", _entry)
    await _ticked(ask, abbey, NEXT)
    assert await abbey.said() == []
    (failed,) = (await ask("/due", OFFICER)).json()
    assert (failed["kind"], failed["on"], failed["concerns"]) == ("la-category-begins", str(DAY), [BROKEN])
    broken()
    await ask(f"/due/{failed['failure_id']}/retry", OFFICER, {})
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 0
    said = await abbey.said(SET, CATEGORY)
    assert [each.data.get("category", each.data.get("after")) for each in said] == [3, 3, 4, 4]
    assert {each.told for each in said} == {False}


async def test_an_office_that_cannot_be_told_keeps_its_body_back_and_no_school(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """W-05, R0.3: who answers for a school on a day does not hang on whether a term of office can be told."""
    other = Body(
        new_id(), "937", "primary-consortium", "Beech", ["North"], START, None, None, "04-01", new_id(), new_id(), new_id()
    )  # fmt: skip
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", bodies=[other])))
    taken = {"post": "deputy", "person_id": abbey.people["newcomer"], "from_date": DAY, "route": "meeting"}
    begun = await abbey.do(lambda uow: offices.change_office(uow, abbey.body_id, **taken))
    await abbey.do(lambda uow: offices.end_office(uow, begun.term_id, ended_on=NEXT, reason="A new post"))
    await abbey.do(lambda uow: offices.take_up_office(uow, other.body_id, until=NEXT, **taken))
    await _plan(abbey, WHOLE, DAY)
    await abbey.forget_said()
    broken(offices, "tell_terms", lambda uow, body, *_: body.body_id == abbey.body_id)
    await _ticked(ask, abbey, NEXT)
    told = await abbey.said("office.taken-up", "office.ended")
    assert [each.data["body_id"] for each in told] == [str(other.body_id)] * 2
    assert await _told(abbey, CATEGORY) == {WHOLE}
    (failed,) = (await ask("/due", OFFICER)).json()
    assert (failed["kind"], failed["names"]) == ("office-begins", ["Abbey"])
    broken()
    await ask(f"/due/{failed['failure_id']}/retry", OFFICER, {})
    await _ticked(ask, abbey, NEXT)
    mine = [each.type for each in await abbey.said("office.taken-up", "office.ended") if str(abbey.body_id) in each.key]
    assert mine == ["office.ended", "office.taken-up", "office.ended"]


async def test_the_duty_desk_has_it_and_an_officer_tries_it_again_or_gives_it_up(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """R0.3, R0.8: with the item, the school, the error and the cure; another authority's officer sees nothing of it."""
    await _plan(abbey, BROKEN, DAY)
    await abbey.forget_said()
    broken(restricted, "tell_entry", _entry)
    await _ticked(ask, abbey, DAY)
    queue = (await ask("/authorities/937/desk-queue", OFFICER)).json()["items"]
    (item,) = [each for each in queue if each["kind"] == "day-failed"]
    assert (item["urn"], item["item"], item["on"]) == (BROKEN, "the authority's own category begins", str(DAY))
    assert "KeyError" in item["why"]
    assert "nobody thought of this" not in item["why"], "what an error says may be restricted"
    assert "due retry" in item["cure"]

    address = f"/due/{item['failure_id']}"
    assert (await ask("/due", OFFICER, authority="801")).json() == []
    assert (await ask(f"{address}/retry", OFFICER, {}, authority="801")).status_code == 404
    assert (await ask("/due", OPS)).json() == []
    assert (await ask(f"{address}/retry", OPS, {})).status_code == 404
    assert (await ask(f"{address}/discard", OFFICER, {"reason": ""})).status_code == 422

    await ask(f"{address}/retry", OFFICER, {})
    assert (await _ticked(ask, abbey, DAY))["failed"] == 1  # still broken
    (again,) = (await ask("/due", OFFICER)).json()
    address = f"/due/{again['failure_id']}"
    assert (await ask(f"{address}/discard", OFFICER, {"reason": "Entered twice"})).status_code == 200
    assert (await ask(f"{address}/discard", OFFICER, {"reason": "Entered twice"})).status_code == 404
    assert (await _ticked(ask, abbey, DAY))["failed"] == 0
    assert await abbey.said(SET) == []
    # Given up is not let out: the category that follows is told to school improvement alone.
    assert {each.told for each in await abbey.said(CATEGORY)} == {False}
    held = (await ask("/held?authority=937", OFFICER)).json()
    assert {each["urn"] for each in held} == {BROKEN}


async def _newcomer(abbey: Authority) -> Any:
    return await abbey.do(
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=DAY, route="meeting"
        )
    )


@pytest.mark.parametrize("cure", ["withdraw", "correct"])
async def test_an_office_that_cannot_be_told_is_not_given_up_but_withdrawn_or_corrected(
    ask: Ask, abbey: Authority, broken: Plant, cure: str
) -> None:
    """R0.3, I5: given up she would be chair here, and the meetings and funding would never hear of her."""
    begun = await _newcomer(abbey)
    await abbey.forget_said()
    broken(offices, "tell_terms")
    await _ticked(ask, abbey, NEXT)
    broken()
    (failed,) = (await ask("/due", OFFICER)).json()
    assert "consortia correction" in failed["cure"]
    refused = await ask(f"/due/{failed['failure_id']}/discard", OFFICER, {"reason": "A slip"})
    assert refused.status_code == 409
    assert "withdraw the term of office" in refused.json()["detail"]
    other = {"person_id": str(abbey.people["leader"]), "from": str(DAY.replace(day=2))} if cure == "correct" else {}
    answer = await ask(f"/offices/{begun.term_id}/{cure}", OFFICER, {"reason": "A slip", **other})
    assert answer.status_code == 200, answer.text
    assert (await ask("/due", OFFICER)).json() == []
    assert (await _ticked(ask, abbey, NEXT))["failed"] == 0
    told = {each.type: each.data for each in await abbey.said("office.taken-up", "office.ended", "office.corrected")}
    if cure == "correct":
        assert told.keys() == {"office.taken-up", "office.ended"}, "whoever was never told of her hears of the other"
        taken_up = told["office.taken-up"]
        assert (taken_up["person_id"], taken_up["from_date"]) == (other["person_id"], other["from"])
    else:
        assert told.keys() == {"office.corrected"}, "the chair before her, of whose end nobody has heard, goes on"
        assert (told["office.corrected"]["term_id"], told["office.corrected"]["after"]) == (str(begun.term_id), None)


async def test_a_place_that_cannot_be_told_is_not_given_up_but_withdrawn(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """R0.3, I5: given up, the school would be in the body here and nowhere else."""
    other = Body(
        new_id(), "937", "area-analysis-group", "Beech", [], START, None, None, "04-01", new_id(), new_id(), new_id()
    )  # fmt: skip
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", bodies=[other])))
    await abbey.do(lambda uow: places.join(uow, other.body_id, WHOLE, from_date=DAY, by="officer"))
    broken(members, "tell_joined")
    await _ticked(ask, abbey, DAY)
    broken()
    (failed,) = (await ask("/due", OFFICER)).json()
    assert (failed["kind"], failed["concerns"]) == ("school-joins", [WHOLE])
    refused = await ask(f"/due/{failed['failure_id']}/discard", OFFICER, {"reason": "A slip"})
    assert refused.status_code == 409
    assert "withdraw the school's place" in refused.json()["detail"]
    body = {"on": str(DAY), "reason": "A slip"}
    answer = await ask(f"/bodies/{other.body_id}/schools/{WHOLE}/withdraw", OFFICER, body)
    assert answer.status_code == 200, answer.text
    assert (await ask("/due", OFFICER)).json() == []
    assert (await _ticked(ask, abbey, DAY))["failed"] == 0


async def test_a_move_over_a_border_is_tried_again_by_somebody_for_both_authorities(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """Decision 20: each of the two sees that it failed, and neither does anything about the other's school alone."""
    await _elsewhere(abbey)
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["chair"], to_urn=ELSEWHERE, on=DAY))
    broken(appointments, "tell_move")
    await _today(abbey, DAY)
    while await turn(abbey.store):
        pass
    broken()
    for authority in ("801", "937"):
        (failed,) = (await ask("/due", OFFICER, authority=authority)).json()
        for act in ("retry", "discard"):
            address, body = f"/due/{failed['failure_id']}/{act}", {"reason": "Not ours"} if act == "discard" else {}
            assert (await ask(address, OFFICER, body, authority=authority)).status_code == 403
    both = {"roles": ["la.officer"], "authorities": ["801", "937"]}
    assert (await ask(f"/due/{failed['failure_id']}/retry", both, {})).status_code == 200
    assert (await _ticked(ask, abbey, DAY))["failed"] == 0


async def test_what_concerns_nobody_whom_the_register_knows_is_for_the_ops_team(ask: Ask, abbey: Authority) -> None:
    await abbey.do(lambda uow: due.put_off(uow, [Due("head-moves", "nobody", DAY)]))
    await _ticked(ask, abbey, DAY)
    (failed,) = (await ask("/due", OPS)).json()
    address, reason = f"/due/{failed['failure_id']}/discard", {"reason": "There is no such person"}
    assert (await ask(address, OFFICER, reason)).status_code == 403
    assert (await ask(address, OPS, reason, authority="801")).status_code == 200


async def test_a_command_on_a_school_that_stands_still_is_refused_in_a_sentence_until_its_day_is_passed_over(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.10: passed over, the school is looked at again tomorrow, or when anything about it changes."""
    await _plan(abbey, BROKEN, DAY)
    await abbey.forget_said()
    faults = iter([True, True, True, True, True, True])
    broken(reroute, "standing", lambda facts, day: _school(facts) and next(faults, False))
    await _ticked(ask, abbey, DAY)
    (failed,) = (await ask("/due", OFFICER)).json()
    assert failed["kind"] == "la-category-begins"

    def allocate(uow: Any) -> Any:
        return appointments.allocate_system_leader(
            uow, BROKEN, person_id=abbey.people["leader"], from_date=DAY, until=None
        )

    with pytest.raises(StandsStill, match=f"{BROKEN} can't be done"):
        await abbey.do(allocate)
    await ask(f"/due/{failed['failure_id']}/discard", OFFICER, {"reason": "No cure is known"})
    assert (await _ticked(ask, abbey, DAY))["failed"] == 0  # what failed passes over while its day is tried again
    assert {(each.data["after"], each.told) for each in await abbey.said(CATEGORY)} == {(3, False)}
    await abbey.do(allocate)


async def test_what_nobody_here_knows_how_to_do_is_not_marked_as_done(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.10: a newer version may have put it off; done by that one, it is told after all."""
    await abbey.do(lambda uow: due.put_off(uow, [Due("governor-begins", "nobody", DAY)]))
    assert (await _ticked(ask, abbey, DAY))["failed"] == 1
    (failed,) = (await ask("/due", OPS)).json()
    assert failed["kind"] == "governor-begins"
    assert await abbey.do(lambda uow: uow.value("select count(*) from due where done_at is null")) == 1
