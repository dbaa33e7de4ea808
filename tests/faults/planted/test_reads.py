"""The final reads fit the tables as they are, so that a run of half an hour doesn't end in a statement that can't be asked."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest

from shared.store import Store
from tests.conftest import Database
from tests.faults import brought_about, calls, reads
from tests.faults.checks import violations
from tests.faults.final import PARKED, Final
from tests.faults.history import History
from tests.faults.speaks import must_speak
from tests.faults.watching import MONEY, REACHED, UNDELIVERED, UNDONE

SERVICES = ("membership", "meetings", "funding", "notifications")


@pytest.fixture
async def stores(database: Callable[[str], Database]) -> AsyncIterator[dict[str, Store]]:
    made = {service: Store(database(service).app_url, service=service, pool_size=1) for service in SERVICES}
    for store in made.values():
        await store.run(lambda uow: uow.execute("insert into clock (today) values ($1)", date(2023, 9, 1)))
    yield made
    for store in made.values():
        await store.close()


async def test_every_read_can_be_asked_and_finds_nothing_wrong_where_nothing_was_done(stores: dict[str, Store]) -> None:
    async def sql(service: str, statement: str) -> list[Any]:
        async with stores[service].unit() as uow:
            return [row._mapping for row in await uow.rows(statement)]

    async def each(service: str, statement: str) -> AsyncIterator[Any]:
        for row in await sql(service, statement):
            yield row

    found = Final()
    await reads.read_membership(sql, found)
    found.must_speak = await must_speak(sql, {})
    await calls.read_calls(sql, found)
    await calls.read_who_was_asked(sql, found)
    await reads.read_meetings(sql, found)
    await reads.read_funding(sql, found)
    await reads.read_notifications(sql, found)
    await reads.read_journey(each, found)
    found.money = dict((await sql("funding", MONEY))[0])
    await sql("notifications", UNDELIVERED)
    (left,) = await sql("membership", UNDONE)
    assert left["undone"] == 1  # the day of the clock was never turned
    for statement in (brought_about.OF_A_DAY_BEFORE, brought_about.WAIT_IN_VAIN):
        assert await sql("membership", statement) == []
    assert (await sql("membership", brought_about.PASSED_ON))[0]["n"] == 0
    await sql("notifications", REACHED)
    await sql("notifications", PARKED)
    assert {name for name, wrong in violations(History(), found).items() if wrong} == {"I5"}  # there are no books yet
