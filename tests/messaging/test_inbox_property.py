"""Whatever order, repetition and batching the broker and two relays may produce: each applied once, in order."""

import asyncio
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.messaging.inbox import Inbox, Record
from tests.messaging.conftest import Side
from tests.messaging.sample import ByHand, Reader, noted, parked


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[dict[str, int], list[list[tuple[int, int]]]]:
    """How many records each school has, and the batches in which (school, number) arrive: all at least once."""
    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    every = [(urn, n) for urn, count in enumerate(counts) for n in range(1, count + 1)]
    again = draw(st.lists(st.sampled_from(every), max_size=8))
    arriving = draw(st.permutations(every + again))
    batches = []
    while arriving:
        size = draw(st.integers(1, 6))
        batches.append(arriving[:size])
        arriving = arriving[size:]
    return {str(urn): count for urn, count in enumerate(counts)}, batches


async def test_any_delivery_ends_with_each_record_applied_once_and_in_order(reader: Side) -> None:
    """I1, I2, I3, on the real database; two members of the group take batches side by side now and then."""
    mine = Reader()
    inbox = Inbox(mine.inbound(), reader.service)
    loop = asyncio.get_running_loop()

    async def deliver(counts: dict[str, int], batches: list[list[tuple[int, int]]]) -> None:
        async with reader.store.unit() as uow:
            for table in ("noted", "school_kept", "inbox_key", "parked"):
                await uow.execute(f"delete from {table}")
        hand = ByHand()
        made = {
            (urn, n): hand.record(urn, n, f"{urn}: {n}") for urn, count in counts.items() for n in range(1, count + 1)
        }
        offset = len(made)
        seen: set[tuple[int, int]] = set()
        prepared: list[list[Record]] = []
        for batch in batches:
            records = []
            for urn, n in batch:
                record = made[str(urn), n]
                if (urn, n) in seen:  # a second copy may be the same place on the topic, or a later one
                    offset += 1
                    if offset % 2:
                        record = Record(record.topic, 0, offset, record.key, record.value, record.headers)
                seen.add((urn, n))
                records.append(record)
            prepared.append(records)
        while prepared:
            both = [prepared.pop(0) for _ in range(min(len(prepared), random.choice([1, 1, 2])))]
            await asyncio.gather(
                *(reader.store.run(lambda uow, records=records: inbox.take(records, uow)) for records in both)
            )
        assert await noted(reader.store) == {
            urn: [f"{urn}: {n}" for n in range(1, count + 1)] for urn, count in counts.items()
        }
        assert await parked(reader.store) == []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(deliveries())
    def any_delivery(case: tuple[dict[str, int], list[list[tuple[int, int]]]]) -> None:
        asyncio.run_coroutine_threadsafe(deliver(*case), loop).result(60)

    await asyncio.to_thread(any_delivery)
