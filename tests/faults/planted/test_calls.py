"""Inspection calls of a real membership through the reads and the checkers of `make faults`, step by step (W-16)."""

from datetime import date

from services.membership.use_cases.inspection_calls import Look
from tests.faults import calls
from tests.faults.final import Final
from tests.faults.found import Call
from tests.faults.history import History
from tests.faults.planted.test_effects import MEMBERSHIP, sql_of, topics_of
from tests.faults.watching import UNDONE
from tests.store.membership.asking import Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_inspection_calls import SCHOOL, THURSDAY, WEDNESDAY, _publish, started

REPORTED = date(2024, 2, 20)


async def found(abbey: Authority) -> tuple[Call, list[str], int]:
    """The one call as it is read, what the checkers find wrong with it, and how much is not done yet."""
    read: Final = await topics_of(abbey.store, [], "membership")
    await calls.read_calls(sql_of(abbey.store), read)
    read.written_to = read.emails
    read.asked_of = {each.id: 1 for each in read.topics[MEMBERSHIP]}
    (undone,) = await sql_of(abbey.store)("membership", UNDONE)
    (call,) = read.calls.values()
    wrong = [
        f"{invariant}: {words}".replace(next(iter(read.calls)), "it")
        for invariant, words in calls.findings(History(), read)
    ]
    return call, wrong, undone["undone"]


async def test_a_call_is_found_as_it_is_and_what_nobody_has_carried_on_is_wrong(ask: Ask, abbey: Authority) -> None:
    """I1, W-16: whoever has no time left is followed by the next, and a report closes."""
    await abbey.on(WEDNESDAY)
    await abbey.forget_said()
    await started(ask)
    assert await found(abbey) == (Call(SCHOOL, ("waiting",), False, "", False), [], 0)

    await abbey.on(THURSDAY)
    late, wrong, undone = await found(abbey)
    assert (late.out_of_time, undone) == (True, 1)
    assert wrong == ["I1: inspection call it stayed with somebody whose time had run out"]
    await abbey.do(Look())
    assert await found(abbey) == (Call(SCHOOL, ("no-answer", "waiting"), False, "", False), [], 0)

    await abbey.on(REPORTED)
    await abbey.do(Look())  # the deputy's time has run out too, and the desk is asked
    await _publish(abbey, SCHOOL, inspected=SCHOOL, began=THURSDAY, published=REPORTED)
    reported, wrong, undone = await found(abbey)
    assert (reported.reported, undone) == (True, 1)
    assert wrong == ["I1: inspection call it is open, and its report is out"]
    await abbey.do(Look())
    closed = Call(SCHOOL, ("no-answer", "no-answer", "not-needed"), False, "published", True)
    assert await found(abbey) == (closed, [], 0)
