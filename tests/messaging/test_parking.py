"""What an operator may do with a parked message."""

from dataclasses import replace

import pytest

from shared.contracts.membership import PEOPLE_TOPIC, PersonRecorded
from shared.contracts.registry import type_of
from shared.messaging import acting, parking
from shared.messaging.cause import new_id
from shared.messaging.inbound import Inbound, Projection
from tests.messaging.conftest import Side
from tests.messaging.sample import ByHand, Reader, fetch, noted, parked
from tests.messaging.test_inbox import Taking, _keep_people


@pytest.fixture
async def stuck(reader: Side) -> Taking:
    """School 1: one applied, a bad one parked, two waiting behind it."""
    taking = Taking(reader)
    hand = ByHand()
    await taking.take(
        hand.record(1, 1, "a"),
        hand.record(1, 2, "b", value=b"{}"),
        hand.record(1, 3, "c"),
        hand.record(1, 4, "d"),
    )
    return taking


async def _id(side: Side, status: str):
    return (await fetch(side.store, "select id from parked where status = $1 order by sequence", status))[0].id


async def test_a_retry_that_succeeds_applies_what_waited_behind(reader: Side) -> None:
    """A mended handler takes it; its followers in the same transaction."""
    sick = Reader(ill={"b"})
    inbound = sick.inbound()
    taking = Taking(reader, sick)
    hand = ByHand()
    records = [hand.record(1, n, name) for n, name in enumerate("abcd", 1)]
    culprit = {records[1].where: ("handler", "Ill: b")}
    await reader.store.run(lambda uow: taking.inbox.take(records, uow, culprit))
    parked_id = await _id(reader, "parked")
    assert (await acting.retry(reader.store, inbound, parked_id))["parked"] == 1  # still ill: parked again
    assert await parked(reader.store) == [
        ("1", "parked", "handler"),
        ("1", "waiting", "behind"),
        ("1", "waiting", "behind"),
    ]
    (row,) = await fetch(reader.store, "select tries, detail from parked where status = 'parked'")
    assert (row.tries, row.detail) == (1, "Ill: b")
    sick.ill.clear()
    assert (await acting.retry(reader.store, inbound, await _id(reader, "parked")))["applied"] == 3
    assert await noted(reader.store) == {"1": ["a", "b", "c", "d"]}
    assert await parked(reader.store) == []


async def test_a_record_stricter_than_its_type_is_parked_and_reaches_nobody_until_it_is_discarded(reader: Side) -> None:
    """R0.8: what is kept by type is shown by type; a journey or a department doesn't get it in secret either."""
    passed_on: list[str] = []

    async def note(events, uow):
        passed_on.extend(event.data.name for event in events)

    inbound = replace(Reader().inbound(), every=note)
    taking, hand = Taking(reader, inbound=inbound), ByHand()
    strict = hand.record(1, 2, "b")
    headers = [(name, b"restricted" if name == "ce_dataclassification" else value) for name, value in strict.headers]
    strict = replace(strict, headers=headers)
    assert await taking.take(hand.record(1, 1, "a"), strict, hand.record(1, 3, "c"), hand.record(2, 1, "other")) == {
        "applied": 2,
        "parked": 1,
        "waiting": 1,
    }
    assert (await noted(reader.store), sorted(passed_on)) == ({"1": ["a"], "2": ["other"]}, ["a", "other"])
    parked_id = await _id(reader, "parked")
    assert (await acting.retry(reader.store, inbound, parked_id))["parked"] == 1
    assert await parked(reader.store) == [("1", "parked", "stricter"), ("1", "waiting", "behind")]
    await acting.discard(reader.store, inbound, await _id(reader, "parked"), reason="a mistake", who="ops")
    assert (await noted(reader.store), sorted(passed_on)) == ({"1": ["a", "c"], "2": ["other"]}, ["a", "c", "other"])


async def test_a_service_that_only_passes_records_on_takes_one_stricter_than_its_type(reader: Side) -> None:
    """R0.8: who hears of it is decided by its own class."""
    passed_on: list[str] = []

    async def note(events, uow):
        passed_on.extend(event.sensitivity.value for event in events)

    strict = ByHand().record(1, 1, "a")
    headers = [(name, b"restricted" if name == "ce_dataclassification" else value) for name, value in strict.headers]
    taking = Taking(reader, inbound=Inbound(every=note))
    assert await taking.take(replace(strict, headers=headers)) == {"applied": 1}
    assert passed_on == ["restricted"]


async def test_a_follower_that_fails_after_a_retry_is_parked_in_its_turn(reader: Side) -> None:
    sick = Reader(ill={"b", "c"})
    taking = Taking(reader, sick)
    hand = ByHand()
    records = [hand.record(1, n, name) for n, name in enumerate("abcd", 1)]
    await reader.store.run(lambda uow: taking.inbox.take(records, uow, {records[1].where: ("handler", "")}))
    sick.ill.remove("b")
    fates = await acting.retry(reader.store, sick.inbound(), await _id(reader, "parked"))
    assert (fates["applied"], fates["parked"]) == (1, 1)
    assert await parked(reader.store) == [("1", "parked", "handler"), ("1", "waiting", "behind")]
    assert await noted(reader.store) == {"1": ["a", "b"]}


async def test_a_discard_needs_a_reason_is_audited_and_drains(stuck: Taking) -> None:
    side, inbound = stuck.side, stuck.reader.inbound()
    parked_id = await _id(side, "parked")
    with pytest.raises(parking.DiscardNeedsReason):
        await acting.discard(side.store, inbound, parked_id, reason="  ", who="ops@example.org")
    fates = await acting.discard(side.store, inbound, parked_id, reason="sent by mistake", who="ops@example.org")
    assert (fates["discarded"], fates["applied"]) == (1, 2)
    assert await noted(side.store) == {"1": ["a", "c", "d"]}
    assert await parked(side.store) == []
    (row,) = await fetch(side.store, "select who, what, subject, why from audit")
    assert tuple(row) == ("ops@example.org", "parked.discarded", "by-hand.v1/0/1", "sent by mistake")
    with pytest.raises(parking.NoSuchParkedMessage):
        await acting.discard(side.store, inbound, parked_id, reason="again", who="ops@example.org")


async def test_one_that_only_waits_cannot_be_acted_on(stuck: Taking) -> None:
    waiting = await _id(stuck.side, "waiting")
    with pytest.raises(parking.NotTheOneAtFault, match="Deal with that one first"):
        await acting.retry(stuck.side.store, stuck.reader.inbound(), waiting)
    with pytest.raises(parking.NotTheOneAtFault):
        await acting.discard(stuck.side.store, stuck.reader.inbound(), waiting, reason="x", who="ops")


async def test_a_record_aside_may_be_discarded_and_nothing_else_moves(reader: Side) -> None:
    taking = Taking(reader)
    await taking.take(ByHand().record(1, 2, "b"), ByHand(offset=5).record(1, 1, spoil=lambda headers: headers.clear()))
    fates = await acting.discard(
        reader.store, taking.reader.inbound(), await _id(reader, "aside"), reason="junk", who="ops"
    )
    assert dict(fates) == {"discarded": 1}
    assert await parked(reader.store) == [("1", "gap", "gap")]


async def test_on_the_compacted_topic_the_last_and_bad_state_can_be_retried(reader: Side) -> None:
    """Its number does not follow the last one applied; there it need not."""
    ill = [True]

    async def keep(events, uow) -> None:
        if ill:
            raise RuntimeError("not now")
        await _keep_people(events, uow)

    inbound = Inbound(projections={PersonRecorded: Projection(keep, ("school_kept",))})
    taking = Taking(reader, inbound=inbound)
    value = PersonRecorded(person_id=new_id(), name="Ann", email="a@example.org").model_dump_json().encode()
    record = ByHand(topic=PEOPLE_TOPIC).record(1, 5, type=type_of(PersonRecorded).name, value=value)
    await reader.store.run(lambda uow: taking.inbox.take([record], uow, {record.where: ("handler", "")}))
    assert (await acting.retry(reader.store, inbound, await _id(reader, "parked")))["parked"] == 1
    ill.clear()
    assert (await acting.retry(reader.store, inbound, await _id(reader, "parked")))["applied"] == 1
    assert await parked(reader.store) == []
