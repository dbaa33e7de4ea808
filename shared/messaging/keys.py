"""How far each key has got: its row of ``inbox_key``, locked for the transaction, and what is parked behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.envelope import read_envelope, unpack
from shared.messaging.parking import ParkedRecord, park
from shared.messaging.records import Item, Place, Record, Stream, Where, item_of
from shared.store import UnitOfWork


@dataclass(slots=True)
class KeyState:
    """How far one key has got, what of it is parked, and at which place a message at fault holds it up.

    ``more``: only the beginning of what is parked was read.
    """

    epoch: int = 0
    sequence: int = 0
    event_id: Any = None
    held: bool = False  # something of this key is parked
    parked: dict[Place, Item] = field(default_factory=dict)
    culprit: Place | None = None
    more: bool = False

    @property
    def place(self) -> Place:
        return (self.epoch, self.sequence)

    def follows(self, place: Place, *, compacted: bool) -> bool:
        if compacted:
            return place > self.place
        return place == (self.epoch, self.sequence + 1) or (place[0] > self.epoch and place[1] == 1)

    def next_parked(self, *, compacted: bool) -> Place | None:
        """The place of the parked record whose turn has come; none while one at fault holds the key up."""
        if self.culprit is not None or not self.parked:
            return None
        first = min((place for place in self.parked if place > self.place), default=None)
        return first if first is not None and self.follows(first, compacted=compacted) else None

    def goes_on(self, *, compacted: bool) -> bool:
        """Whether more of what is parked may be applied at once."""
        if self.more and not any(place > self.place for place in self.parked):
            return True
        return self.next_parked(compacted=compacted) is not None


async def lock(uow: UnitOfWork, streams: Sequence[Stream], at_most: int | None = None) -> dict[Stream, KeyState]:
    """The states of these keys, their rows locked in order; new keys get their row first.

    ``at_most``: so many of the first that are parked of each, where nothing has arrived that might be among the others.
    """
    topics, keys = [topic for topic, _ in streams], [key for _, key in streams]
    select = """
        select topic, key, epoch, sequence, event_id, held from inbox_key
        where (topic, key) in (select * from unnest($1::text[], $2::text[]))
        order by topic, key for update
    """
    found = await uow.rows(select, topics, keys)
    if len(found) < len(streams):
        await uow.execute(
            """
            insert into inbox_key (topic, key, epoch, sequence)
            select topic, key, 0, 0 from unnest($1::text[], $2::text[]) as new (topic, key) order by topic, key
            on conflict do nothing
            """,
            topics,
            keys,
        )
        found = await uow.rows(select, topics, keys)
    states = {(topic, key): KeyState(*rest) for topic, key, *rest in map(tuple, found)}
    held = [stream for stream, state in states.items() if state.held]
    if held:
        await _load_parked(uow, states, held, at_most)
    return states


async def _load_parked(
    uow: UnitOfWork, states: dict[Stream, KeyState], held: Sequence[Stream], at_most: int | None
) -> None:
    rows = await uow.rows(
        """
        select p.* from unnest($1::text[], $2::text[]) as k (topic, key) cross join lateral (
            select topic, partition, "offset", key, epoch, sequence, status, headers, value from parked
            where topic = k.topic and key = k.key and status <> 'aside' order by epoch, sequence limit $3::bigint) p
        """,
        [topic for topic, _ in held],
        [key for _, key in held],
        at_most,
    )
    for stream, found in Counter((row.topic, row.key) for row in rows).items():
        states[stream].more = found == at_most
    for row in rows:
        headers = unpack(row.headers)
        record = Record(row.topic, row.partition, row.offset, row.key, row.value, headers)
        state = states[row.topic, row.key]
        state.parked[row.epoch, row.sequence] = item_of(record, read_envelope(headers), from_parking=True)
        if row.status == "parked":
            state.culprit = (row.epoch, row.sequence)


async def save(
    uow: UnitOfWork,
    states: Mapping[Stream, KeyState],
    advanced: Iterable[Stream],
    parking: Sequence[ParkedRecord],
    unparked: list[Where],
    compacted: frozenset[str],
) -> None:
    """Write how far every key has got, what is parked and what no longer is."""
    await park(uow, parking)
    changed = {*advanced, *((record.topic, record.key) for record in parking if record.key is not None)}
    changed &= states.keys()
    overtaken: list[Where] = []
    for stream in changed:
        state = states[stream]
        passed = [item.record.where for place, item in state.parked.items() if place <= state.place]
        # A later state on the compacted topic makes an earlier one void, in parking too: erasure must reach it there.
        (unparked if stream[0] in compacted else overtaken).extend(passed)
        state.held = state.more or len(state.parked) > len(passed)
    if unparked:
        await uow.execute(
            """
            delete from parked where (topic, partition, "offset") in (select * from unnest($1::text[], $2::int[], $3::bigint[]))
            """,
            *_columns(unparked),
        )
    if overtaken:
        await uow.execute(
            """
            update parked set status = 'aside', reason = 'overtaken', detail = 'a new epoch of this key has begun'
            where (topic, partition, "offset") in (select * from unnest($1::text[], $2::int[], $3::bigint[]))
            """,
            *_columns(overtaken),
        )
    if changed:
        streams = sorted(changed)
        rows = [states[stream] for stream in streams]
        await uow.execute(
            """
            update inbox_key as old
            set epoch = new.epoch, sequence = new.sequence, event_id = new.event_id, held = new.held
            from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::bool[])
                 as new (topic, key, epoch, sequence, event_id, held)
            where old.topic = new.topic and old.key = new.key
            """,
            [topic for topic, _ in streams],
            [key for _, key in streams],
            [state.epoch for state in rows],
            [state.sequence for state in rows],
            [state.event_id for state in rows],
            [state.held for state in rows],
        )


def _columns(places: Sequence[Where]) -> tuple[list[str], list[int], list[int]]:
    return [place[0] for place in places], [place[1] for place in places], [place[2] for place in places]
