"""Places that the load comes by too seldom to wait for: what leads there is brought about, and looked for when all has healed.

An inspection call of which nobody takes notice, one whose report is out, an old record of a person that comes late.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from shared.clock import NOW, TODAY
from shared.messaging.inbox import Record
from tests.faults.must_read import PEOPLE
from tests.faults.of_records import settings_of
from tests.faults.world import World
from tests.messaging.on_topic import each_of, header, put

DONE_WITHIN = 30.0  # seconds when all has healed: the calls are looked at every five, and a day may have to pass
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
Act = Callable[[World], Awaitable[None]]

OF_A_DAY_BEFORE = f"""
    select call_id, urn, called_on from inspection_call where closed_on is null and called_on < {TODAY}
    order by called_at, call_id limit 1
"""
WAIT_IN_VAIN = f"select from inspection_ask where answer = 'waiting' and answer_by <= {NOW}"
PASSED_ON = "select count(*) as n from inspection_ask where answer = 'no-answer'"
CLOSED = "select from inspection_call where call_id = $1 and closed_on is not null"


@dataclass(frozen=True)
class BroughtAbout:
    """``leads_there`` ends when nothing more has to be done for it; ``shows`` that what the killed one began was done."""

    leads_there: Act
    shows: Act


async def _a_call_that_nobody_takes(world: World) -> None:
    """Its time runs out as the next day is turned."""
    await world.officers.ask_for_a_call()


async def _a_call_with_its_report(world: World) -> None:
    """One of a day before, where there is one: else a day has to pass first."""
    of_before: list[Any] = []
    with suppress(*AWAY):
        of_before = await world.sql("membership", OF_A_DAY_BEFORE)
    call = of_before[0] if of_before else await world.officers.ask_for_a_call()
    world.kept["reported call"] = call["call_id"]
    await world.officers.ask_for_the_report(call["urn"], date.fromisoformat(str(call["called_on"])))


async def _no_call_waits_in_vain(world: World) -> None:
    async def none() -> bool:
        return not await world.sql("membership", WAIT_IN_VAIN)

    await world.until(none, DONE_WITHIN, "a call stayed with somebody whose time had run out")
    (row,) = await world.sql("membership", PASSED_ON)
    if row["n"]:
        world.saw(
            "membership", f"{row['n']} were asked in vain by now, and no call waits for one whose time has run out"
        )


async def _the_call_is_closed(world: World) -> None:
    call = world.kept.pop("reported call")

    async def closed() -> bool:
        return bool(await world.sql("membership", CLOSED, call))

    await world.until(closed, DONE_WITHIN, "a call whose report is out was never closed")
    world.saw("membership", "the call whose report is out was closed")


async def _an_old_record_comes_late(world: World) -> None:
    """As of a relay that stood still past its lease: what it held of a person goes out behind what another sent since."""
    person, email = await world.officers.ask_for_new_details()
    world.kept["late record of"] = person
    records: list[Record] = []

    async def has_a_newer() -> bool:
        nonlocal records
        records = await _records_of(world, person)
        return bool(records) and email.encode() in (records[-1].value or b"")

    await world.until(has_a_newer, 60, "what was said anew of a person never came on her topic")
    old = records[0]

    async def is_there_again() -> bool:
        with suppress(KafkaError):
            await put(settings_of(world, "membership"), PEOPLE, [old])
            return True
        return False

    await world.until(is_there_again, 60, "an old record could not be put on the topic again")


async def _the_topic_ends_with_the_newest(world: World) -> None:
    person = world.kept.pop("late record of")
    numbers: list[int] = []

    async def is_said_again() -> bool:
        nonlocal numbers
        numbers = _numbers(await _records_of(world, person))
        return len(numbers) > 2 and numbers[-1] == max(numbers)

    await world.until(is_said_again, DONE_WITHIN, "the last that the topic says of a person is an old record")
    world.saw("membership", f"of the person it says {', '.join(map(str, numbers))}: the newest last")


async def _records_of(world: World, person: str) -> list[Record]:
    """In the order in which they stand on the topic; none while the broker can't be asked."""
    found: list[Record] = []
    with suppress(KafkaError):
        async for record in each_of(settings_of(world, "membership"), PEOPLE):
            if (record.key or "").endswith(f"/{person}"):
                found.append(record)
    return found


def _numbers(records: Iterable[Record]) -> list[int]:
    return [int(header(each, "ce_sequence") or 0) for each in records]


BROUGHT_ABOUT = {
    "call.passed_on": BroughtAbout(_a_call_that_nobody_takes, _no_call_waits_in_vain),
    "call.closed": BroughtAbout(_a_call_with_its_report, _the_call_is_closed),
    "people.said_again": BroughtAbout(_an_old_record_comes_late, _the_topic_ends_with_the_newest),
}
