"""Two enter one new inspection at one moment, each for a school of her own authority (D3.1, R0.5, docs/decisions/0020)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.membership.store import outcomes, representation
from services.membership.use_cases.keep_register import keep_schools
from shared.store import UnitOfWork
from tests.eventually import eventually
from tests.store.membership.asking import Ask
from tests.store.membership.conftest import Authority, line
from tests.store.membership.test_races import _waits
from tests.store.membership.test_whose_inspection import (
    DAY,
    OF_801,
    OF_937,
    OURS,
    THEIRS,
    category,
    entered,
    listed,
)


@pytest.fixture
async def both(abbey: Authority) -> Authority:
    await abbey.do(lambda uow: keep_schools(uow, [line(OURS, authority="801")]))
    await abbey.on(DAY)
    return abbey


async def _while_she_waits_for_her_school(
    both: Authority, ask: Ask, meanwhile: Callable[[], Awaitable[object]]
) -> tuple[int, object]:
    """An officer of 937 has entered the inspection for hers and waits for the school's lock."""
    async with both.store.unit() as holding:
        await representation.lock(holding, [THEIRS])
        entering = asyncio.create_task(ask("/outcomes", OF_937, entered(THEIRS, 4)))
        await eventually(lambda: _waits(both))
        other = asyncio.create_task(_answer(meanwhile))
        await eventually(lambda: _settled(other, both))
    return (await entering).status_code, await other


async def _answer(meanwhile: Callable[[], Awaitable[object]]) -> object:
    return await meanwhile()


async def _settled(other: "asyncio.Task[object]", both: Authority) -> bool:
    """It has come to its end, or waits behind the first."""
    async with both.store.unit() as uow:
        return other.done() or await _waiting(uow) > 1


async def _waiting(uow: UnitOfWork) -> int:
    return int(await uow.value("select count(*) from pg_locks where not granted"))


async def test_of_two_officers_of_two_authorities_one_enters_it_and_the_other_is_refused(
    both: Authority, ask: Ask
) -> None:
    """The second would have taken it from the first, who had entered it before she was asked whose it is."""

    async def other() -> object:
        return (await ask("/outcomes", OF_801, entered(OURS, 2))).status_code

    answers = await _while_she_waits_for_her_school(both, ask, other)
    assert sorted(answers) == [201, 403]  # type: ignore[type-var]
    believed = {urn: await category(ask, urn, who) for urn, who in ((OURS, OF_801), (THEIRS, OF_937))}
    assert list(believed.values()).count(None) == 1


async def test_of_two_who_have_both_been_asked_whose_it_is_the_second_waits_for_the_first(
    both: Authority, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows the inspection yet, so there is no row of it to lock."""
    real, second = outcomes.add_continuities, asyncio.Event()
    writing: list[UnitOfWork] = []

    async def writes(uow: UnitOfWork, *given: Any) -> Any:
        writing.append(uow)
        if len(writing) == 1:
            await second.wait()
        return await real(uow, *given)

    monkeypatch.setattr(outcomes, "add_continuities", writes)
    one = asyncio.create_task(ask("/outcomes", OF_937, entered(THEIRS, 4)))
    await eventually(lambda: _is(bool(writing)))
    other = asyncio.create_task(ask("/outcomes", OF_801, entered(OURS, 2)))
    await eventually(lambda: _comes_no_further(other, both))
    second.set()
    assert [(await each).status_code for each in (one, other)] == [201, 403]
    assert await category(ask, THEIRS, OF_937) == 4
    assert await category(ask, OURS, OF_801) is None


async def _is(so: bool) -> bool:
    return so


async def _comes_no_further(other: "asyncio.Task[Any]", both: Authority) -> bool:
    return other.done() or await _waits(both)


async def test_what_a_file_has_listed_meanwhile_for_another_authority_is_not_taken_from_it(
    both: Authority, ask: Ask
) -> None:
    status, _ = await _while_she_waits_for_her_school(both, ask, lambda: listed(both, OURS, 2))
    assert status == 403
    assert await category(ask, OURS, OF_801) == 2
    assert await category(ask, THEIRS, OF_937) is None
