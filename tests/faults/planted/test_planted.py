"""Bugs in the services as they run, found by the reads and checkers of `make faults` themselves; without them all is well."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.membership.use_cases.keep_register import keep_schools
from shared.messaging.cause import new_id
from shared.store import Store
from shared.web import idempotency
from tests.faults.bug import Put
from tests.faults.bugs_in_messaging import a_key_that_is_ignored
from tests.faults.bugs_in_services import a_gate_that_is_open, an_answer_that_stays
from tests.faults.checks import violations
from tests.faults.final import Final
from tests.faults.history import OK, History, Operation
from tests.faults.reads import read_membership, read_notifications
from tests.faults.speaks import must_speak
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority, line
from tests.store.notifications.post import Post

Plant = Callable[[Put], None]
SCHOOL, NEW_SCHOOL = "900003", "900007"


def the_key_is_kept_after_the_work(put: Put) -> None:
    """It is looked up first and written last: of two at once neither sees the other's."""
    claim = idempotency.claim

    async def keep(uow: Any, request: Any, answer: Any) -> None:
        await claim(uow, request)
        await really(uow, request, answer)

    really = idempotency.keep
    put(idempotency, "claim", idempotency.earlier_answer)
    put(idempotency, "keep", keep)


def sql_of(store: Store) -> Callable[[str, str], Awaitable[list[Any]]]:
    async def sql(_service: str, statement: str) -> list[Any]:
        async with store.unit() as uow:
            return [row._mapping for row in await uow.rows(statement)]

    return sql


async def asked_under_one_key(ask: Ask, abbey: Authority) -> dict[str, list[str]]:
    """An officer clicks twice, and once more because no answer came."""
    entry = {"category": 3, "from": "2023-09-01", "reason": "entry 1"}

    async def once() -> Any:
        return await ask(f"/schools/{SCHOOL}/la-category", OFFICER, entry, key="one")

    given = [*await asyncio.gather(once(), once()), await once()]
    answers = tuple(each.headers["x-correlation-id"] for each in given if each.is_success)
    found = await read(abbey)
    return violations(History([Operation("entry", "entry 1", "one", 0, 1, OK, answers=answers)]), found)


async def a_school_that_opens(abbey: Authority) -> dict[str, list[str]]:
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW_SCHOOL)]))
    return violations(History(), await read(abbey))


async def read(abbey: Authority) -> Final:
    found = Final()
    await read_membership(sql_of(abbey.store), found)
    found.must_speak = await must_speak(sql_of(abbey.store), {})
    return found


async def a_speaker_of_whom_the_school_is_not_told(post: Post) -> dict[str, list[str]]:
    await post.notifications.reads(post.reassigned(story=new_id(), told=False))
    await post.delivers()
    found = Final()
    await read_notifications(sql_of(post.notifications.store), found)
    found.mails = {str(each["Message-ID"]).strip("<>").partition("@")[0]: 1 for each in post.server.mails}
    return violations(History(), found)


PLANTED: list[tuple[Plant, str]] = [
    (a_key_that_is_ignored, "I11"),
    (the_key_is_kept_after_the_work, "I11"),
    (an_answer_that_stays, "I12"),
    (a_gate_that_is_open, "I13"),
]


def each_bug_against(invariant: str) -> pytest.MarkDecorator:
    """The product as it is, which passes, and every bug, which is found."""
    bugs = [None, *(bug for bug, by in PLANTED if by == invariant)]
    return pytest.mark.parametrize("bug", bugs, ids=["none", *(bug.__name__ for bug in bugs if bug)])


def judge(bug: Plant | None, found: dict[str, list[str]], invariant: str) -> None:
    print(found[invariant])
    if bug is None:
        assert {name: wrong for name, wrong in found.items() if wrong and name != "I5"} == {}  # nobody keeps books here
    else:
        assert found[invariant]


@each_bug_against("I11")
async def test_one_effect_a_key(ask: Ask, abbey: Authority, monkeypatch: pytest.MonkeyPatch, bug: Plant | None) -> None:
    if bug:
        bug(monkeypatch.setattr)
    judge(bug, await asked_under_one_key(ask, abbey), "I11")


@each_bug_against("I12")
async def test_one_answer_a_school(abbey: Authority, monkeypatch: pytest.MonkeyPatch, bug: Plant | None) -> None:
    if bug:
        bug(monkeypatch.setattr)
    judge(bug, await a_school_that_opens(abbey), "I12")


@each_bug_against("I13")
async def test_nobody_is_written_to_before_the_school(
    post: Post, monkeypatch: pytest.MonkeyPatch, bug: Plant | None
) -> None:
    if bug:
        bug(monkeypatch.setattr)
    judge(bug, await a_speaker_of_whom_the_school_is_not_told(post), "I13")
