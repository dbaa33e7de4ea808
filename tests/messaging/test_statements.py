"""What a batch costs in statements doesn't grow with its records: D8's 0.02 for the relay and 0.05 for the inbox."""

from shared.messaging.inbox import Inbox
from tests.messaging.conftest import Side
from tests.messaging.sample import ByHand, Reader, say
from tests.statements import counted


async def test_the_relay_moves_a_hundred_records_with_as_many_statements_as_ten(writer: Side, own_topic: str) -> None:
    seen = []
    relay = writer.relay()
    for size in (10, 100):
        async with writer.store.unit() as uow:
            for urn in range(size):
                say(uow, own_topic, urn, "x")
        await relay.lease.take()
        with counted(writer.store) as statements:
            assert await relay.pass_once() == size
        seen.append(len(statements))
    await relay._drop_producer()
    assert seen[0] == seen[1] == 2


async def test_facts_are_numbered_and_written_in_two_statements_however_many(writer: Side, own_topic: str) -> None:
    seen = []
    for size in (10, 100):
        with counted(writer.store) as statements:
            async with writer.store.unit() as uow:
                for urn in range(size):
                    say(uow, own_topic, urn, "x")
        seen.append(len(statements))
    assert seen[0] == seen[1] == 3  # the first asks what day it is


async def test_the_inbox_takes_a_hundred_records_with_as_many_statements_as_ten(reader: Side) -> None:
    """Two waves of new keys, then two of known ones."""
    hand, inbox = ByHand(), Inbox(Reader().inbound(), reader.service)
    seen = []
    for first, size in ((0, 10), (100, 100)):
        for numbers in ((1, 2), (3, 4)):
            records = [hand.record(first + urn, number) for number in numbers for urn in range(size)]
            with counted(reader.store) as statements:
                fates = await reader.store.run(lambda uow, records=records: inbox.take(records, uow))  # type: ignore[misc]
            assert fates["applied"] == 2 * size
            seen.append(len(statements))
    assert seen[:2] == seen[2:]
