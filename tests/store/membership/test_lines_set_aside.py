"""A file that meets a school that stands still goes on: its lines wait, and are applied when it goes on (W-02, D3.10)."""

import contextlib
import random
from datetime import date
from typing import Any

import pytest

from services.membership.app import show_what_failed
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.failure import LINES_WAIT
from services.membership.store.waiting import waiting
from services.membership.use_cases import import_files, restricted
from services.membership.use_cases.failed_days import turn
from services.membership.use_cases.failed_imports import WAITING_LINES, apply_files
from services.membership.use_cases.pace import Pace
from services.membership.use_cases.set_aside import apply_what_waited
from shared.store import Store, UnitOfWork
from tests.store.membership.asking import OFFICER, OPS, Ask
from tests.store.membership.conftest import ACADEMIES, Authority
from tests.store.membership.test_failed_days import (
    BROKEN,
    CATEGORY,
    DAY,
    SET,
    WHOLE,
    Plant,
    _plan,
    _ticked,
    broken,
)
from tests.store.membership.test_imports import as_csv, first_lines, send

__all__ = ["broken"]

LATER, NEXT_MONTH = "900004", date(2024, 3, 1)
LINKS = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n"


async def _work(store: Store) -> None:
    """As the worker does it, until there is nothing left to do."""
    for _ in range(300):
        if not (await apply_files(store, Pace()) or await turn(store) or await apply_what_waited(store)):
            return
    raise AssertionError("it tries for ever")


async def _stands_still(ask: Ask, abbey: Authority, broken: Plant, urn: str = BROKEN) -> None:
    """An entry of the authority of that day can't be told."""
    await _plan(abbey, urn, DAY)
    await abbey.forget_said()
    broken(restricted, "tell_entry", lambda uow, entry, *_: entry.urn == urn)
    await _ticked(ask, abbey, DAY)


async def _goes_on(ask: Ask, broken: Plant, how: str = "retry") -> None:
    """What was wrong is mended, and an officer has tried again, or given up, what could not be done."""
    broken()
    for failed in (await ask("/due", OFFICER)).json():
        body = {"reason": "Entered twice"} if how == "discard" else {}
        assert (await ask(f"/due/{failed['failure_id']}/{how}", OFFICER, body)).status_code == 200


def _register(name: str, *urns: str) -> bytes:
    return as_csv([first_lines(1, URN=urn, EstablishmentName=f"{name} {urn}")[0] for urn in urns])


async def _sent(abbey: Authority, content: bytes, day: date = DAY, kind: str = "gias", *, dry_run: bool = False) -> str:
    received = await send(abbey.store, kind, content, f"{kind}.csv", day, dry_run=dry_run)
    assert received.problems == []
    await _work(abbey.store)
    return str(received.import_id)


async def _names(abbey: Authority, *urns: str) -> list[str]:
    rows = await abbey.do(lambda uow: uow.rows("select urn, name from school where urn = any($1::text[])", list(urns)))
    return sorted(row.name for row in rows)


async def _import(ask: Ask, import_id: str, who: Any = OFFICER, authority: str = "937") -> Any:
    return (await ask(f"/imports/{import_id}", who, authority=authority)).json()


def _waits(lines: dict[str, int]) -> Any:
    """As the import's report has it: so many lines for each of these schools, and why."""
    because = LINES_WAIT if lines else None
    return {"lines": sum(lines.values()), "for": lines, "because": because, "for_the_clock": None}


async def _lines(abbey: Authority) -> int:
    return int(await abbey.do(lambda uow: uow.value("select count(*) from import_line")))


async def test_the_lines_of_a_school_that_stands_still_wait_and_all_others_are_applied(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """W-02, D3.10: no authority's line waits for another authority's school; R0.8: the entry goes before the line."""
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, _register("New", WHOLE, BROKEN, LATER))
    assert await _names(abbey, WHOLE, BROKEN, LATER) == [f"New {WHOLE}", f"New {LATER}", f"School {BROKEN}"]
    found = await _import(ask, sent)
    assert (found["state"], found["failure"], found["waiting"]) == ("waiting", None, _waits({BROKEN: 1}))
    (item,) = [
        each
        for each in (await ask("/authorities/937/desk-queue", OFFICER)).json()["items"]
        if each["kind"] == "day-failed"
    ]
    assert item["lines_waiting"] == 1
    (listed,) = (await ask("/imports?state=waiting", OFFICER)).json()
    assert (listed["import_id"], listed["waiting"]) == (sent, found["waiting"])
    for who, authority in ((OPS, "937"), (OFFICER, "801")):  # R0.8: that one waits, not which
        assert (await _import(ask, sent, who, authority))["waiting"] == found["waiting"] | {"for": {}}
    look = await waiting(abbey.store, LONGEST_JUMP)
    assert look.files, "nobody would look whether they may go"
    show_what_failed(look)
    assert WAITING_LINES._value.get() == 1

    await _work(abbey.store)
    assert (await _import(ask, sent))["state"] == "waiting", "nothing changes while the school stands still"
    await _goes_on(ask, broken)
    await abbey.forget_said()
    assert not await apply_what_waited(abbey.store), "what is due of it comes first"
    await _work(abbey.store)
    assert await _names(abbey, BROKEN) == [f"New {BROKEN}"]
    found = await _import(ask, sent)
    assert (found["state"], found["waiting"], found["changed"]) == ("done", _waits({}), 3)
    assert await _lines(abbey) == 0
    told = [each.type for each in await abbey.said(urn=BROKEN)]
    assert told[:2] == [SET, CATEGORY]
    assert "school.recorded" in told[2:]
    show_what_failed(await waiting(abbey.store, LONGEST_JUMP))
    assert WAITING_LINES._value.get() == 0
    await abbey.forget_said()
    await _sent(abbey, _register("New", WHOLE, BROKEN, LATER))
    assert await abbey.said() == [], "the same file again tells nothing"


async def test_given_up_too_what_was_due_lets_the_lines_go_on(ask: Ask, abbey: Authority, broken: Plant) -> None:
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, _register("New", BROKEN))
    await _goes_on(ask, broken, "discard")
    await _work(abbey.store)
    assert await _names(abbey, BROKEN) == [f"New {BROKEN}"]
    assert (await _import(ask, sent))["state"] == "done"
    assert [each.told for each in await abbey.said(CATEGORY)] == [False]


async def test_lines_of_later_files_wait_behind_those_of_earlier_ones(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.11: of one kind and one day the line that was sent last counts, also where it had to wait."""
    await _stands_still(ask, abbey, broken)
    first = await _sent(abbey, _register("First", BROKEN, WHOLE))
    second = await _sent(abbey, _register("Second", BROKEN))
    await _goes_on(ask, broken)
    while await turn(abbey.store):
        pass
    third = await send(abbey.store, "gias", _register("Third", BROKEN), "third.csv", DAY)
    while await apply_files(abbey.store, Pace()):  # the school goes on already; what waits was not looked at yet
        pass
    assert (await _import(ask, str(third.import_id)))["state"] == "waiting"
    said = []
    while await apply_what_waited(abbey.store):
        said += await _names(abbey, BROKEN)
    assert list(dict.fromkeys(said)) == [f"First {BROKEN}", f"Second {BROKEN}", f"Third {BROKEN}"]
    assert {(await _import(ask, each))["state"] for each in (first, second, str(third.import_id))} == {"done"}


async def test_a_line_that_touches_a_school_by_what_it_continues_waits_for_it(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """R0.5: of 120 lines one is of a school that the one that stands still continues; it alone waits."""
    await abbey.do(
        lambda uow: uow.execute(
            "insert into continuity (urn, predecessor_urn, source, recorded_at) values ($1, $2, 'x', now())",
            BROKEN,
            WHOLE,
        )
    )
    await _stands_still(ask, abbey, broken)
    others = [f"91{n:04}" for n in range(120)]
    sent = await _sent(abbey, _register("New", *others[:60], WHOLE, *others[60:]))
    assert (await _import(ask, sent))["waiting"] == _waits({BROKEN: 1})
    assert await _names(abbey, *others, WHOLE) == sorted([f"New {urn}" for urn in others] + [f"School {WHOLE}"])
    await _goes_on(ask, broken)
    await _work(abbey.store)
    assert await _names(abbey, WHOLE) == [f"New {WHOLE}"]


async def test_links_and_trusts_wait_for_whichever_of_their_schools_stands_still(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    await _stands_still(ask, abbey, broken, ACADEMIES[0])
    links = await _sent(
        abbey,
        f"{LINKS}{WHOLE},{ACADEMIES[0]},X,Successor,01-01-2024\n{LATER},{BROKEN},X,Successor,01-01-2024\n".encode(),
        kind="school-links",
    )
    groups = await _sent(
        abbey,
        b"Group UID,Group ID,Group Name,Group Type,Group Status,Open date,Closed Date\n"
        b"7001,TR7001,Larch Trust,Multi-academy trust,Closed,01-01-2015,31-01-2024\n"
        b"7002,TR7002,Elm Trust,Multi-academy trust,Open,01-01-2015,\n",
        kind="groups",
    )
    for each in (links, groups):
        assert (await _import(ask, each))["waiting"] == _waits({ACADEMIES[0]: 1})
    assert await abbey.do(lambda uow: uow.value("select count(*) from school_link")) == 1
    assert await abbey.do(lambda uow: uow.value("select name from trust where trust_id = '7002'")) == "Elm Trust"
    await _goes_on(ask, broken)
    await _work(abbey.store)
    for each in (links, groups):
        assert (await _import(ask, each))["state"] == "done"
    assert await abbey.do(lambda uow: uow.value("select count(*) from school_link")) == 2
    assert await abbey.do(lambda uow: uow.value("select open from trust where trust_id = '7001'")) is False


async def test_what_follows_from_the_whole_file_waits_for_its_schools_too(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """A school that later lists no longer have closes when the one that continues it has opened."""
    new = "900099"
    await abbey.do(
        lambda uow: uow.execute(
            "insert into continuity (urn, predecessor_urn, kind, from_date, source, source_as_at, recorded_at) "
            "values ($1, $2, 'continues', $3::date, 'x', $3::date, now())",
            new,
            BROKEN,
            DAY,
        )
    )
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, as_csv(first_lines(1, URN=new, OpenDate="01-02-2024")))
    assert (await _import(ask, sent))["waiting"] == _waits({BROKEN: 0})
    await _goes_on(ask, broken)
    await _work(abbey.store)
    assert (await _import(ask, sent))["state"] == "done"
    assert await abbey.do(lambda uow: uow.value("select closed_on from school where urn = $1", BROKEN)) == DAY


async def test_a_dry_run_counts_the_lines_that_would_wait_and_leaves_none(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, _register("New", WHOLE, BROKEN), dry_run=True)
    found = await _import(ask, sent)
    assert (found["state"], found["report"]) == (
        "done",
        {"schools_changed": 1, "lines_set_aside": 1, "speakers_changed": 1},
    )
    said = first_lines(1)[0]["LA (code)"]
    assert said != "937", (
        "the file says that the school is another authority's, which learns nothing by trying it (R0.8)"
    )
    assert "speakers_changed" not in (await _import(ask, sent, authority=said))["report"]
    assert await _lines(abbey) == 0


@pytest.mark.parametrize("tries", [1, 2, 9])
async def test_a_line_that_cannot_be_applied_when_its_school_goes_on_fails_as_any_other(
    ask: Ask, abbey: Authority, broken: Plant, tries: int
) -> None:
    """W-02: seen by officers, tried again by them or given up; and tried again of itself where it passes."""
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, _register("New", BROKEN))
    await _goes_on(ask, broken)
    faults = iter(range(tries))
    broken(
        import_files, "keep_schools", lambda uow, lines, **_: lines[0].urn == BROKEN and next(faults, None) is not None
    )
    await _work(abbey.store)
    found = await _import(ask, sent, OFFICER | {"authorities": ["937", "801"]})  # whose it is, and whose the file says
    if tries < 4:
        assert found["state"] == "done"
        return
    assert (found["state"], found["failure"]["line"]) == ("failed", 2)
    broken()
    assert (await ask(f"/imports/{sent}/retry", OFFICER, {})).status_code == 200
    await _work(abbey.store)
    assert (await _import(ask, sent))["state"] == "done"
    assert await _names(abbey, BROKEN) == [f"New {BROKEN}"]


async def test_lines_that_waited_and_together_take_too_long_are_applied_one_by_one(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.1: they were tried again all together, for ever."""
    for urn in (BROKEN, WHOLE):
        await _plan(abbey, urn, DAY)
    broken(restricted, "tell_entry")
    await _ticked(ask, abbey, DAY)
    sent = await _sent(abbey, _register("New", BROKEN, WHOLE))
    assert (await _import(ask, sent))["waiting"]["lines"] == 2
    await _goes_on(ask, broken)
    broken(import_files, "keep_schools", lambda uow, lines, **_: len(lines) > 1, TimeoutError())
    await _work(abbey.store)
    assert (await _import(ask, sent))["state"] == "done"
    assert await _names(abbey, BROKEN, WHOLE) == sorted([f"New {BROKEN}", f"New {WHOLE}"])


async def test_an_import_of_which_lines_wait_can_be_given_up(ask: Ask, abbey: Authority, broken: Plant) -> None:
    await _stands_still(ask, abbey, broken)
    sent = await _sent(abbey, _register("Wrong", WHOLE, BROKEN))
    assert (await ask(f"/imports/{sent}/retry", OFFICER, {})).status_code == 409
    assert (await ask(f"/imports/{sent}/discard", OFFICER, {"reason": "Another file"})).status_code == 200
    await _goes_on(ask, broken)
    await _work(abbey.store)
    assert await _names(abbey, WHOLE, BROKEN) == [f"School {BROKEN}", f"Wrong {WHOLE}"]


class Dies(BaseException):
    pass


async def test_a_process_that_dies_again_and_again_before_its_commit_loses_no_line_and_tells_nothing_twice(
    ask: Ask, abbey: Authority, broken: Plant
) -> None:
    """D3.11: all that it had done of a transaction is undone, and the next process does it."""
    await _stands_still(ask, abbey, broken)
    real, dice, deaths = UnitOfWork.flush, random.Random(7), []

    async def flush(uow: UnitOfWork) -> bool:
        found = await real(uow)
        if dice.random() < 0.6:
            deaths.append(uow)
            raise Dies
        return found

    async def work() -> None:
        with pytest.MonkeyPatch.context() as dying:
            dying.setattr(UnitOfWork, "flush", flush)
            for _ in range(100):
                with contextlib.suppress(Dies):
                    await _work(abbey.store)
                    return

    sent = await send(abbey.store, "gias", _register("New", WHOLE, BROKEN, LATER), "gias.csv", DAY)
    await work()
    assert (await _import(ask, str(sent.import_id)))["waiting"]["lines"] == 1
    await _goes_on(ask, broken)
    await work()
    assert len(deaths) > 5
    assert (await _import(ask, str(sent.import_id)))["state"] == "done"
    assert await _names(abbey, WHOLE, BROKEN, LATER) == [f"New {WHOLE}", f"New {BROKEN}", f"New {LATER}"]
    told = [each.data["urn"] for each in await abbey.said("school.recorded")]
    assert sorted(told) == [WHOLE, BROKEN, LATER]
