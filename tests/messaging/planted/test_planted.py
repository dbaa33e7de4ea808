"""Every invariant's checker catches the bug that was planted for it; the product as it is passes the same run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.envelope import pack
from shared.contracts.membership import SchoolRecorded
from shared.messaging import inbox as inbox_module
from shared.messaging import keys, outbox
from shared.messaging import parcels as parcels_module
from shared.messaging import relay as relay_module
from shared.messaging.cause import new_id
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound, Projection
from shared.messaging.keys import KeyState
from shared.messaging.relay import Relay
from shared.store import Store
from tests.messaging.conftest import Side
from tests.messaging.planted.checkers import violations
from tests.messaging.planted.run import run
from tests.messaging.sample import Reader

Plant = Callable[[pytest.MonkeyPatch], Any]


async def test_the_product_as_it_is_passes(writer: Side, reader: Side, own_topic: str) -> None:
    history = await run(writer, reader, own_topic)
    assert violations(history) == {}
    # The run was eventful: repeats on the topic, changed minds, parked and waiting messages, aside ones.
    assert len(history.published) > len({(each.key, each.place) for each in history.published})
    assert {"ok", "fail"} == set(history.attempts.values())
    assert {each.status for each in history.parked} == {"parked", "waiting", "aside"}
    assert len(history.said) > 30


def delete_all_on_partial_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(relay_module, "sent_prefix", lambda batch, acknowledged: [row.id for row in batch])


def relay_with_a_cursor(patch: pytest.MonkeyPatch) -> None:
    """Remembers how far it got; a row that commits late, with a lower id, counts as sent and is swept away."""
    really = Relay.pass_once
    cursor: dict[Store, int] = {}

    async def pass_once(self: Relay) -> int:
        async with self.store.engine.begin() as connection:
            await connection.exec_driver_sql("delete from outbox where id <= $1", (cursor.get(self.store, 0),))
            found = await connection.exec_driver_sql("select max(id) from outbox")
            highest = found.scalar()
        moved = await really(self)
        if moved:
            cursor[self.store] = highest
        return moved

    patch.setattr(Relay, "pass_once", pass_once)


def lose_one(patch: pytest.MonkeyPatch) -> None:
    """The last event of a list never reaches its handler."""
    really = inbox_module._call

    async def call(handler: Any, items: Any, uow: Any) -> None:
        await really(handler, items[:-1] if len(items) > 1 else items, uow)

    patch.setattr(inbox_module, "_call", call)


def double_one(patch: pytest.MonkeyPatch) -> None:
    """Duplicates are not recognised."""
    patch.setattr(KeyState, "place", property(lambda self: (0, 0)))
    patch.setattr(KeyState, "follows", lambda self, place, *, compacted: True)


def swap_two(patch: pytest.MonkeyPatch) -> None:
    """The relay sends each batch from its end."""
    really = Relay._send

    async def send(self: Relay, batch: Any) -> Any:
        return list(reversed(await really(self, list(reversed(batch)))))

    patch.setattr(Relay, "_send", send)


def no_regard_for_gaps(patch: pytest.MonkeyPatch) -> None:
    """Whatever is higher than the last is applied, behind a relay that swaps."""
    swap_two(patch)
    patch.setattr(KeyState, "follows", lambda self, place, *, compacted: place > self.place)


def offsets_first(patch: pytest.MonkeyPatch) -> None:
    """Commits the offsets, then works: at most once."""
    really = Consumer.settle

    async def settle(self: Consumer, records: Any) -> None:
        await self._commit(records)
        await really(self, records)

    patch.setattr(Consumer, "settle", settle)


def id_minted_at_publish(patch: pytest.MonkeyPatch) -> None:
    really = parcels_module.unpack

    def unpack(packed: str) -> list[tuple[str, bytes]]:
        return [(name, str(new_id()).encode() if name == "ce_id" else value) for name, value in really(packed)]

    patch.setattr(parcels_module, "unpack", unpack)


def sequence_from_postgresql(patch: pytest.MonkeyPatch) -> None:
    """A PostgreSQL sequence for each key: a rolled-back transaction leaves a hole that nobody ever fills."""
    counters: Counter[tuple[Store, str]] = Counter()  # what nextval does: it never goes back

    async def write(rows: Any, unsent: Any) -> None:
        packed = []
        for record in unsent:
            counters[record.key] += 1
            packed.append(pack(replace(record.envelope, epoch=1, sequence=counters[record.key]).headers()))
        columns = (
            [each.topic for each in unsent],
            [each.key for each in unsent],
            packed,
            [each.value for each in unsent],
        )
        await rows(outbox._ROWS, *columns)

    patch.setattr(outbox, "write", write)


def typed_batch(patch: pytest.MonkeyPatch) -> None:
    """What a model in the subscriber's signature does: one bad record, and the whole batch is dropped and committed."""
    really = Consumer.settle

    async def settle(self: Consumer, records: Any) -> None:
        try:
            for record in records:
                SchoolRecorded.model_validate_json(record.value)
        except ValueError:
            return
        await really(self, records)

    patch.setattr(Consumer, "settle", settle)


def effect_in_a_projection(patch: pytest.MonkeyPatch) -> Callable[[Reader], Inbound]:
    """Noting is an effect; here the projection does it, and names the schema so that the shadow does not hide it."""

    def inbound(reader: Reader) -> Inbound:
        async def keep_and_note(events: Any, uow: Any) -> None:
            await reader.keep_schools(events, uow)
            await reader.when_a_school_was_recorded_note_it(events, _Live(uow))

        return Inbound(projections={SchoolRecorded: Projection(keep_and_note, ("school_kept",))})

    return inbound


class _Live:
    def __init__(self, uow: Any):
        self.uow = uow

    async def execute(self, sql: str, *args: Any) -> int:
        done: int = await self.uow.execute(sql.replace("into noted", "into meetings.noted"), *args)
        return done


def projection_that_depends_on_its_batches(patch: pytest.MonkeyPatch) -> Callable[[Reader], Inbound]:
    """Its result is another one when the same events come in other batches."""

    def inbound(reader: Reader) -> Inbound:
        async def keep(events: Any, uow: Any) -> None:
            await reader.keep_schools(events, uow)
            await uow.execute("update school_kept set changes = changes + $1", len(events))

        return replace(reader.inbound(), projections={SchoolRecorded: Projection(keep, ("school_kept",))})

    return inbound


def said_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The outbox is written by a connection of its own, which commits by itself."""
    really = outbox.write

    async def write(rows: Any, unsent: Any) -> None:
        store = _store_of(rows)

        async def apart(sql: str, *args: Any) -> Any:
            async with store.engine.begin() as connection:
                result = await connection.exec_driver_sql(sql, args)
                return result.fetchall() if result.returns_rows else []

        await really(apart, unsent)

    patch.setattr(outbox, "write", write)


def _store_of(rows: Any) -> Any:
    return type("_", (), {"engine": rows.__self__.connection.engine})


def nothing_is_parked(patch: pytest.MonkeyPatch) -> None:
    async def park(*_: Any) -> None:
        return None

    patch.setattr(keys, "park", park)


PLANTED: list[tuple[Plant, str]] = [
    (delete_all_on_partial_failure, "I1 lost"),
    (relay_with_a_cursor, "I1 lost"),
    (lose_one, "I1 lost"),
    (offsets_first, "I1 lost"),
    (typed_batch, "I1 lost"),
    (double_one, "I2 doubled"),
    (id_minted_at_publish, "I2 doubled"),
    (effect_in_a_projection, "I2 doubled"),
    (swap_two, "I3 order"),
    (no_regard_for_gaps, "I3 order"),
    (sequence_from_postgresql, "I9 fates"),
    (nothing_is_parked, "I9 fates"),
    (said_before_the_commit, "I4 phantom"),
    (projection_that_depends_on_its_batches, "I7 rebuilt"),
]


@pytest.mark.parametrize(("plant", "caught_by"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
async def test_a_planted_bug_is_caught(
    writer: Side, reader: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch, plant: Plant, caught_by: str
) -> None:
    inbound = plant(monkeypatch) or Reader.inbound
    history = await run(writer, reader, own_topic, inbound=inbound)
    found = violations(history)
    print(f"{plant.__name__}: " + "; ".join(f"{name} {len(wrong)}, {wrong[0]}" for name, wrong in found.items()))
    assert caught_by in found
