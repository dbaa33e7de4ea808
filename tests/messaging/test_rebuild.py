"""A projection rebuilt from the beginning of its topics equals the one that grew live (I7)."""

import pytest

from shared.contracts.membership import SchoolRecorded
from shared.messaging import acting
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound, Projection
from shared.messaging.inbox import HandlerFailed, Inbox
from shared.messaging.rebuild import ConsumerStillRunning, Rebuild, Rebuilt, RecordsCameMeanwhile, report
from tests.eventually import eventually
from tests.messaging.conftest import Side
from tests.messaging.on_topic import put, read_all
from tests.messaging.sample import ByHand, Reader, fetch, note, noted, parked, say


async def _apply_all(side: Side, topic: str, inbound: Inbound) -> None:
    inbox = Inbox(inbound, side.service)
    for record in await read_all(side.settings, topic):
        await side.store.run(lambda uow, record=record: inbox.take([record], uow))


def _rebuild(side: Side, topic: str, inbound: Inbound) -> Rebuild:
    return Rebuild(side.settings, inbound, side.service, topics=[topic], group=side.group)


async def _kept(side: Side) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in await fetch(side.store, "select urn, name, changes from school_kept order by urn")]


async def test_a_rebuild_equals_what_grew_live_and_repeats_no_reaction(
    writer: Side, reader: Side, own_topic: str
) -> None:
    async with writer.store.unit() as uow:
        for n in range(4):
            for urn in range(5):
                say(uow, own_topic, urn, f"{urn}: {n}")
    await writer.drain()
    inbound = Reader().inbound()
    await _apply_all(reader, own_topic, inbound)
    live, reacted = await _kept(reader), await noted(reader.store)
    found = await _rebuild(reader, own_topic, inbound).run()
    assert found == [Rebuilt("school_kept", 5, 5, 0)]
    assert report(found) == "school_kept: 5 rows before, 5 after, 0 differ"
    assert await _kept(reader) == live
    assert await noted(reader.store) == reacted


async def test_a_table_that_was_spoilt_is_told_and_put_right(writer: Side, reader: Side, own_topic: str) -> None:
    async with writer.store.unit() as uow:
        for urn in range(3):
            say(uow, own_topic, urn, f"{urn}")
    await writer.drain()
    inbound = Reader().inbound()
    await _apply_all(reader, own_topic, inbound)
    live = await _kept(reader)
    async with reader.store.unit() as uow:
        await uow.execute("update school_kept set name = 'spoilt' where urn = '1'")
        await uow.execute("delete from school_kept where urn = '2'")
    rebuild = _rebuild(reader, own_topic, inbound)
    assert await rebuild.run(swap=False) == [Rebuilt("school_kept", 2, 3, 3)]
    assert (await _kept(reader)) != live
    await rebuild.run()
    assert await _kept(reader) == live


async def test_a_parked_key_stops_at_its_parked_record_also_when_the_relay_sent_it_twice(
    reader: Side, own_topic: str
) -> None:
    """The second copy lies at another offset; in the rebuild it must not slip through."""
    hand = ByHand()
    sick = Reader(ill={"bad"})
    one, bad, three, other = (
        hand.record(1, 1, "good"),
        hand.record(1, 2, "bad"),
        hand.record(1, 3, "after"),
        hand.record(2, 1, "x"),
    )
    await put(reader.settings, own_topic, [one, bad, three, bad, three, other])
    inbox = Inbox(sick.inbound(), reader.service)
    for record in await read_all(reader.settings, own_topic):
        culprits = {record.where: ("handler", "Ill")} if b'"bad"' in (record.value or b"") else {}
        await reader.store.run(lambda uow, record=record, culprits=culprits: inbox.take([record], uow, culprits))
    assert await _kept(reader) == [("1", "good", 1), ("2", "x", 1)]
    assert (await _rebuild(reader, own_topic, sick.inbound()).run())[0].differing == 0
    assert [status for _, status, _ in await parked(reader.store)] == ["parked", "waiting"]
    sick.ill.clear()
    parked_id = (await fetch(reader.store, "select id from parked where status = 'parked'"))[0].id
    await acting.retry(reader.store, sick.inbound(), parked_id)
    assert await _kept(reader) == [("1", "after", 3), ("2", "x", 1)]
    assert (await _rebuild(reader, own_topic, sick.inbound()).run())[0].differing == 0


async def test_what_was_discarded_is_stepped_over_again(reader: Side, own_topic: str) -> None:
    """Else the rebuild would stop where an operator had gone on, and lose all that came after."""
    hand = ByHand()
    records = [hand.record(1, 1, "a"), hand.record(1, 2, value=b"{}"), hand.record(1, 3, "c")]
    await put(reader.settings, own_topic, records)
    inbound = Reader().inbound()
    await _apply_all(reader, own_topic, inbound)
    parked_id = (await fetch(reader.store, "select id from parked where status = 'parked'"))[0].id
    await acting.discard(reader.store, inbound, parked_id, reason="broken at the source", who="ops")
    assert await _kept(reader) == [("1", "c", 2)]
    assert (await _rebuild(reader, own_topic, inbound).run())[0].differing == 0


async def test_what_was_applied_beyond_the_committed_offsets_is_rebuilt_too(
    writer: Side, reader: Side, own_topic: str
) -> None:
    """After a crash between the two commits the inbox is ahead; afterwards those records come as duplicates."""
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "a")
        say(uow, own_topic, 1, "b")
    await writer.drain()
    inbound = Reader().inbound()
    await _apply_all(reader, own_topic, inbound)  # no offset was ever committed
    assert await _rebuild(reader, own_topic, inbound).run() == [Rebuilt("school_kept", 1, 1, 0)]
    assert await _kept(reader) == [("1", "b", 2)]


async def test_what_the_inbox_has_not_reached_yet_is_left_to_it(writer: Side, reader: Side, own_topic: str) -> None:
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "a")
        say(uow, own_topic, 1, "b")
    await writer.drain()
    inbound = Reader().inbound()
    inbox = Inbox(inbound, reader.service)
    first, second = await read_all(reader.settings, own_topic)
    await reader.store.run(lambda uow: inbox.take([first], uow))
    assert (await _rebuild(reader, own_topic, inbound).run())[0].differing == 0
    await reader.store.run(lambda uow: inbox.take([second], uow))
    assert await _kept(reader) == [("1", "b", 2)]


async def test_what_is_applied_while_it_is_rebuilt_is_not_lost(
    writer: Side, reader: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1: by a replica that was started meanwhile, or an operator's retry elsewhere: the inbox would never ask for it again."""
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "a")
        say(uow, own_topic, 1, "b")
    await writer.drain()
    inbound = Reader().inbound()
    inbox = Inbox(inbound, reader.service)
    first, second = await read_all(reader.settings, own_topic)
    await reader.store.run(lambda uow: inbox.take([first], uow))
    rebuild = _rebuild(reader, own_topic, inbound)
    replay = rebuild._replay

    async def and_another_comes(*so_far: object) -> None:
        await replay(*so_far)
        await reader.store.run(lambda uow: inbox.take([second], uow))

    monkeypatch.setattr(rebuild, "_replay", and_another_comes)
    with pytest.raises(RecordsCameMeanwhile, match="Nothing was changed"):
        await rebuild.run()
    assert await _kept(reader) == [("1", "b", 2)]


async def test_no_rebuild_beside_a_running_consumer(reader: Side, own_topic: str) -> None:
    reader.settings.session_timeout_seconds = 6
    inbound = Reader().inbound()
    consumer = Consumer(reader.store, reader.settings, inbound, reader.service, topics=[own_topic], group=reader.group)
    await consumer.start()
    try:
        await eventually(lambda: consumer.connected)
        impatient = reader.settings.model_copy(update={"session_timeout_seconds": -2})
        with pytest.raises(ConsumerStillRunning, match="Stop the service"):
            await Rebuild(impatient, inbound, reader.service, topics=[own_topic], group=reader.group).run()
    finally:
        await consumer.stop()


async def test_a_projection_that_writes_more_than_it_names_is_found_out(reader: Side, own_topic: str) -> None:
    """Every rebuild would repeat that effect."""

    async def also_notes(events, uow) -> None:
        await Reader().keep_schools(events, uow)
        await note(events, uow)

    inbound = Inbound(projections={SchoolRecorded: Projection(also_notes, tables=("school_kept",))})
    await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
    await _apply_all(reader, own_topic, inbound)
    with pytest.raises(HandlerFailed) as refused:
        await _rebuild(reader, own_topic, inbound).run()
    assert 'cannot insert into view "noted"' in str(refused.value.problem)
    assert await noted(reader.store) == {"1": ["a"]}
