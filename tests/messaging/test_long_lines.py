"""A long line of parked records is let go in pieces, each in one transaction, in order and whoever ends in between (I1 to I4)."""

from collections.abc import Callable

import pytest

from shared.messaging import acting
from shared.messaging.consumer import Consumer
from shared.messaging.inbox import PIECE, Inbox
from shared.messaging.records import Record
from tests.eventually import PATIENCE, eventually
from tests.messaging.conftest import Side
from tests.messaging.sample import ByHand, Reader, fetch, key_of, noted, parked
from tests.messaging.test_consumer import consume

__all__ = ["consume"]
LENGTH = 2 * PIECE + 100
NAMES = [str(number) for number in range(1, LENGTH + 1)]
TOPIC = "by-hand.v1"


class Ended(Exception):
    """The process is no more."""


@pytest.fixture
def line() -> list[Record]:
    """All that one school is to hear, in order."""
    hand = ByHand()
    return [hand.record(1, number, name) for number, name in enumerate(NAMES, 1)]


def consumer(reader: Side, of: Reader, store: object = None) -> Consumer:
    """One that is not started: the broker has nothing for it."""
    return Consumer(
        store or reader.store,  # type: ignore[arg-type]
        reader.settings,
        of.inbound(),
        reader.service,
        topics=[TOPIC],
        group=reader.group,
        pauses=(0.0,) * 4,
    )


async def comes_behind_a_fault(reader: Side, line: list[Record], of: Reader) -> None:
    inbox = Inbox(of.inbound(), reader.service)
    culprit = {line[0].where: ("handler", "Ill")}
    await reader.store.run(lambda uow: inbox.take(line, uow, culprit))


async def at_fault(reader: Side):
    (row,) = await fetch(reader.store, "select id from parked where status = 'parked'")
    return row.id


async def in_one_transaction(reader: Side) -> list[int]:
    """How many were applied in each transaction, one after the other."""
    rows = await fetch(reader.store, "select count(*) from noted group by xmin::text order by min(position)")
    return [row.count for row in rows]


async def test_a_retry_applies_a_long_line_in_pieces_and_in_order(reader: Side, line: list[Record]) -> None:
    """I2, I3"""
    await comes_behind_a_fault(reader, line, of := Reader())
    fates = await acting.retry(reader.store, of.inbound(), await at_fault(reader))
    assert fates["applied"] == LENGTH
    assert await noted(reader.store) == {"1": NAMES}
    assert await in_one_transaction(reader) == [PIECE, PIECE, 100]
    assert await parked(reader.store) == []
    (row,) = await fetch(reader.store, "select sequence, held from inbox_key")
    assert tuple(row) == (LENGTH, False)


async def test_a_line_behind_a_discarded_record_is_let_go_in_pieces_too(reader: Side, line: list[Record]) -> None:
    await comes_behind_a_fault(reader, line, of := Reader())
    await acting.discard(reader.store, of.inbound(), await at_fault(reader), reason="a mistake", who="ops")
    assert await noted(reader.store) == {"1": NAMES[1:]}
    assert max(await in_one_transaction(reader)) == PIECE


async def test_a_message_in_the_middle_of_a_long_line_that_fails_is_parked_and_what_was_before_it_stays_applied(
    reader: Side, line: list[Record]
) -> None:
    """I4"""
    of = Reader(ill={"700"})
    await comes_behind_a_fault(reader, line, of)
    fates = await acting.retry(reader.store, of.inbound(), await at_fault(reader))
    assert (fates["applied"], fates["parked"]) == (699, 1)
    assert await noted(reader.store) == {"1": NAMES[:699]}
    of.ill.clear()
    await acting.retry(reader.store, of.inbound(), await at_fault(reader))
    assert await noted(reader.store) == {"1": NAMES}


@pytest.mark.parametrize("of_the_second", ["before it commits", "after it has committed"])
async def test_whoever_lets_a_line_go_may_end_between_two_pieces_and_the_consumer_goes_on(
    reader: Side, line: list[Record], of_the_second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1, I2, I3: an operator's command is cut off; nobody retries anything."""
    await comes_behind_a_fault(reader, line, of := Reader())
    run, runs = reader.store.run, []

    async def ends(work: Callable[..., object]) -> object:
        runs.append(work)
        if len(runs) > 1 and of_the_second == "before it commits":
            raise Ended
        result = await run(work)  # type: ignore[arg-type]
        if len(runs) > 1:
            raise Ended
        return result

    parked_id = await at_fault(reader)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(reader.store, "run", ends)
        with pytest.raises(Ended):
            await acting.retry(reader.store, of.inbound(), parked_id)
    assert sum(await in_one_transaction(reader)) == (PIECE if of_the_second == "before it commits" else 2 * PIECE)
    goes_on = consumer(reader, of)
    for _ in range(3):
        await goes_on.let_lines_go()
    assert await parked(reader.store) == []
    assert await noted(reader.store) == {"1": NAMES}
    assert max(await in_one_transaction(reader)) == PIECE


async def test_what_arrives_of_a_key_while_its_line_is_let_go_waits_behind_it(reader: Side, line: list[Record]) -> None:
    """I3: the missing record comes, and with it the newest; other keys are not held up."""
    of = Reader()
    inbox = Inbox(of.inbound(), reader.service)
    await reader.store.run(lambda uow: inbox.take(line[1:-1], uow))
    goes_on, other = consumer(reader, of), ByHand(offset=LENGTH).record(2, 1, "other")
    await goes_on.settle([line[0], line[-1], other])
    assert await noted(reader.store) == {"1": NAMES[: PIECE + 1], "2": ["other"]}
    assert {(status, reason) for _, status, reason in await parked(reader.store)} == {
        ("gap", "gap"),
        ("waiting", "behind"),
    }
    assert inbox.cut == []
    assert goes_on.inbox.cut == [(TOPIC, key_of(1))]
    for _ in range(3):
        await goes_on.let_lines_go()
    assert await parked(reader.store) == []
    assert (await noted(reader.store))["1"] == NAMES
    await goes_on.settle([line[-1], line[5]])
    assert (await noted(reader.store))["1"] == NAMES


async def test_a_line_of_which_the_next_has_not_come_or_one_is_at_fault_is_let_alone(
    reader: Side, line: list[Record]
) -> None:
    """I3, I4"""
    of = Reader()
    inbox = Inbox(of.inbound(), reader.service)
    await comes_behind_a_fault(reader, line[:3], of)
    hand = ByHand(offset=LENGTH)
    await reader.store.run(lambda uow: inbox.take([hand.record(2, 1, "a"), hand.record(2, 3, "c")], uow))
    before = await parked(reader.store)
    await consumer(reader, of).let_lines_go()
    assert await parked(reader.store) == before
    assert await noted(reader.store) == {"2": ["a"]}


async def test_a_consumer_lets_go_when_it_starts_what_another_process_has_left(
    reader: Side, own_topic: str, consume: Callable[..., object]
) -> None:
    """I1: on the real broker, of which nothing comes."""
    hand, of = ByHand(topic=own_topic), Reader()
    line = [hand.record(1, number, name) for number, name in enumerate(NAMES, 1)]
    await comes_behind_a_fault(reader, line, of)
    inbox = Inbox(of.inbound(), reader.service)
    await reader.store.run(lambda uow: uow.execute("update parked set status = 'gap' where status = 'parked'"))
    await reader.store.run(lambda uow: inbox.take([], uow, drain=[(own_topic, key_of(1))]))
    assert (await noted(reader.store)) == {"1": NAMES[:PIECE]}
    await consume(of.inbound())  # type: ignore[misc]

    async def all_of_it() -> bool:
        return (await noted(reader.store)) == {"1": NAMES}

    await eventually(all_of_it, PATIENCE)
    assert max(await in_one_transaction(reader)) == PIECE
