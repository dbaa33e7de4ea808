"""The inbox: a batch of records in one transaction, each applied once, in order per key, whatever arrives.

A record is known by (topic, key, epoch, sequence); `inbox_key` holds the last one applied, so duplicates are known for
ever without a table of ids. A batch is handled in waves: wave n holds the n-th record of each key, and in a wave the
records of one type go to their handler as one list.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from shared import metrics
from shared.contracts.envelope import BrokenEnvelope, Envelope, read_envelope, unpack
from shared.contracts.registry import (
    EventData,
    EventType,
    UnknownEventType,
    compacted_topics,
    event_type,
    knows_another_version,
)
from shared.messaging.inbound import Handler, Inbound, Received
from shared.messaging.parking import ParkedRecord, park
from shared.store import UnitOfWork
from shared.telemetry import is_sampled, step

log = structlog.get_logger(__name__)

Stream = tuple[str, str]  # (topic, key)
Place = tuple[int, int]  # (epoch, sequence)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came from the broker."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Item:
    """A record whose envelope could be read, with the event once its data has been."""

    record: Record
    envelope: Envelope
    from_parking: bool = False
    event: Received[Any] | None = None

    @property
    def stream(self) -> Stream:
        assert self.record.key is not None
        return (self.record.topic, self.record.key)

    @property
    def place(self) -> Place:
        return (self.envelope.epoch, self.envelope.sequence)


@dataclass(slots=True)
class KeyState:
    """How far one key has got."""

    epoch: int = 0
    sequence: int = 0
    event_id: Any = None
    held: bool = False  # something of this key is parked
    parked: dict[Place, Item] = field(default_factory=dict)
    culprit: Place | None = None

    @property
    def place(self) -> Place:
        return (self.epoch, self.sequence)

    def follows(self, place: Place, *, compacted: bool) -> bool:
        if compacted:
            return place > self.place
        return place == (self.epoch, self.sequence + 1) or (place[0] > self.epoch and place[1] == 1)


class HandlerFailed(Exception):
    """A handler raised on these events; with a single event it is known which message is at fault."""

    def __init__(self, items: Sequence[Item], problem: Exception):
        super().__init__(f"{type(problem).__name__} while handling {items[0].envelope.type}")
        self.items = items
        self.problem = problem


Culprits = Mapping[tuple[str, int, int], tuple[str, str]]  # (topic, partition, offset) -> (reason, detail)
NO_CULPRITS: Culprits = {}


class Inbox:
    """One service's inbox, for one transaction at a time."""

    def __init__(self, inbound: Inbound, service: str):
        self.inbound = inbound
        self.service = service
        self.compacted = compacted_topics()

    async def take(
        self,
        records: Sequence[Record],
        uow: UnitOfWork,
        culprits: Culprits = NO_CULPRITS,
        *,
        drain: Sequence[Stream] = (),
    ) -> Counter[str]:
        """Give every record of the batch its fate within this transaction; how many had which.

        ``culprits`` are records already known to fail: they are parked instead of handled. ``drain`` are keys whose
        parked records are looked at even if none of theirs arrived. Raises HandlerFailed when a handler raises; the
        caller rolls back and takes the records one at a time.
        """
        fates: Counter[str] = Counter()
        aside: list[ParkedRecord] = []
        queues: dict[Stream, deque[Item]] = defaultdict(deque, {stream: deque() for stream in drain})
        for record in records:
            try:
                if record.key is None:
                    raise BrokenEnvelope("key", None)
                item = Item(record, read_envelope(record.headers))
            except BrokenEnvelope as problem:
                aside.append(_parked(record, None, "aside", "no-envelope", str(problem)))
                continue
            queues[item.stream].append(item)
        states = await self._lock(uow, sorted(queues))
        since = await uow.value("select nullif(reactions_since, '-infinity') from service_state")
        advanced: set[Stream] = set(drain)
        parking: list[ParkedRecord] = []
        unparked: list[tuple[str, int, int]] = []
        while True:
            wave = []
            for stream, queue in queues.items():
                following = self._next(states[stream], queue, fates, parking, aside, culprits)
                if following is not None:
                    wave.append(following)
            if not wave:
                break
            await self._handle(wave, uow, since, fates)
            for item in wave:
                state = states[item.stream]
                state.epoch, state.sequence, state.event_id = *item.place, item.envelope.id
                advanced.add(item.stream)
                if item.from_parking:
                    unparked.append((item.record.topic, item.record.partition, item.record.offset))
        await self._save(uow, states, advanced, parking + aside, unparked)
        fates["aside"] += len(aside)
        for fate, count in fates.items():
            metrics.INBOX_RECORDS.labels(self.service, fate).inc(count)
        return fates

    async def _lock(self, uow: UnitOfWork, streams: Sequence[Stream]) -> dict[Stream, KeyState]:
        """The states of these keys, their rows locked in order; new keys get their row first."""
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
        states = {(row.topic, row.key): KeyState(row.epoch, row.sequence, row.event_id, row.held) for row in found}
        held = [stream for stream, state in states.items() if state.held]
        if held:
            await self._load_parked(uow, states, held)
        return states

    async def _load_parked(self, uow: UnitOfWork, states: dict[Stream, KeyState], held: Sequence[Stream]) -> None:
        rows = await uow.rows(
            """
            select topic, partition, "offset", key, epoch, sequence, status, headers, value from parked
            where (topic, key) in (select * from unnest($1::text[], $2::text[])) and status <> 'aside'
            """,
            [topic for topic, _ in held],
            [key for _, key in held],
        )
        for row in rows:
            headers = unpack(row.headers)
            record = Record(row.topic, row.partition, row.offset, row.key, row.value, headers)
            state = states[row.topic, row.key]
            state.parked[row.epoch, row.sequence] = Item(record, read_envelope(headers), from_parking=True)
            if row.status == "parked":
                state.culprit = (row.epoch, row.sequence)

    def _next(
        self,
        state: KeyState,
        queue: deque[Item],
        fates: Counter[str],
        parking: list[ParkedRecord],
        aside: list[ParkedRecord],
        culprits: Culprits,
    ) -> Item | None:
        """The next record of one key that is to be applied now; the others in front of it get their fate."""
        while True:
            item = self._draw(state, queue)
            if item is None:
                return None
            if item.place <= state.place:
                if item.place == state.place and state.event_id is not None and item.envelope.id != state.event_id:
                    fates["fork"] += 1
                    log.error("inbox.fork", topic=item.record.topic, key=item.record.key, sequence=item.place[1])
                    aside.append(_parked(item.record, item.envelope, "aside", "fork", "a number seen with another id"))
                else:
                    fates["duplicate"] += 1
                continue
            compacted = item.record.topic in self.compacted
            if state.culprit is not None and not compacted:
                if item.place in state.parked:
                    fates["duplicate"] += 1
                else:
                    self._hold(state, item, "waiting", "behind", "an earlier message of this key is parked", parking)
                    fates["waiting"] += 1
                continue
            if not state.follows(item.place, compacted=compacted):
                if item.place in state.parked:
                    fates["duplicate"] += 1
                else:
                    self._hold(state, item, "gap", "gap", f"came after {state.epoch}/{state.sequence}", parking)
                    fates["gap"] += 1
                continue
            fault = culprits.get(_where(item.record)) or self._read(item)
            if fault is None:
                return item
            reason, detail = fault
            self._hold(state, item, "parked", reason, detail, parking)
            state.culprit = item.place
            fates["parked"] += 1
            log.error("inbox.parked", type=item.envelope.type, key=item.record.key, reason=reason)

    @staticmethod
    def _draw(state: KeyState, queue: deque[Item]) -> Item | None:
        """The record to look at next: one in parking whose turn has come, else the next that arrived."""
        if state.culprit is None and state.parked:
            turn = min((place for place in state.parked if place > state.place), default=None)
            if turn is not None and state.follows(turn, compacted=False):
                return state.parked.pop(turn)
        return queue.popleft() if queue else None

    @staticmethod
    def _hold(state: KeyState, item: Item, status: str, reason: str, detail: str, parking: list[ParkedRecord]) -> None:
        state.held = True
        item.from_parking = True
        state.parked[item.place] = item
        parking.append(_parked(item.record, item.envelope, status, reason, detail))

    def _read(self, item: Item) -> tuple[str, str] | None:
        """Read the data of a record this service handles; why it can't be, or None. Unknown types are nobody's fault."""
        try:
            kind = event_type(item.envelope.type)
        except UnknownEventType:
            if knows_another_version(item.envelope.type):
                return "unknown-version", f"this service does not know {item.envelope.type}"
            return None
        if not self.inbound.reads(kind.model):
            return None
        if item.record.value is None and item.record.topic not in self.compacted:
            return "schema", f"{kind.name} has no data; only the people topic has tombstones"
        try:
            data = _data(kind, item.record.value)
        except ValidationError as problem:
            places = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors()[:5])
            return "schema", f"the data does not fit {kind.name}: {places}"
        except ValueError as problem:
            return "schema", f"the data cannot be read: {problem}"
        assert item.record.key is not None
        item.event = Received(
            item.envelope, item.record.topic, item.record.key, data, item.record.value, item.envelope.traceparent
        )
        return None

    async def _handle(self, wave: Sequence[Item], uow: UnitOfWork, since: datetime | None, fates: Counter[str]) -> None:
        """One wave: the spans of the sampled events, then their handlers, one list a type."""
        by_model: dict[type[EventData], list[Item]] = defaultdict(list)
        with ExitStack() as spans:
            for item in wave:
                if item.event is None:
                    fates["ignored"] += 1
                    continue
                fates["applied"] += 1
                if is_sampled(item.envelope.traceparent):
                    cause = spans.enter_context(
                        step(f"receive {item.envelope.type}", cause=item.event.cause, subject=item.envelope.subject)
                    )
                    item.event = replace(item.event, traceparent=cause.traceparent)
                by_model[event_type(item.envelope.type).model].append(item)
            for model, items in by_model.items():
                if model in self.inbound.projections:
                    await _call(self.inbound.projections[model].keep, items, uow)
                if model in self.inbound.reactions:
                    await _call(self.inbound.reactions[model], [item for item in items if _since(item, since)], uow)
            if self.inbound.every is not None:
                everything = [item for item in wave if item.event is not None and _since(item, since)]
                await _call(self.inbound.every, everything, uow)

    async def _save(
        self,
        uow: UnitOfWork,
        states: Mapping[Stream, KeyState],
        advanced: Iterable[Stream],
        parking: Sequence[ParkedRecord],
        unparked: Sequence[tuple[str, int, int]],
    ) -> None:
        """Write how far every key has got, what is parked and what no longer is."""
        await park(uow, parking)
        if unparked:
            await uow.execute(
                """
                delete from parked where (topic, partition, "offset") in (select * from unnest($1::text[], $2::int[], $3::bigint[]))
                """,
                [topic for topic, _, _ in unparked],
                [partition for _, partition, _ in unparked],
                [offset for _, _, offset in unparked],
            )
        changed = sorted({*advanced, *((record.topic, record.key) for record in parking if record.key is not None)})
        changed = [stream for stream in changed if stream in states]
        for stream in changed:
            state = states[stream]
            state.held = any(place > state.place for place in state.parked)
        if changed:
            rows = [states[stream] for stream in changed]
            await uow.execute(
                """
                update inbox_key as old
                set epoch = new.epoch, sequence = new.sequence, event_id = new.event_id, held = new.held
                from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::bool[])
                     as new (topic, key, epoch, sequence, event_id, held)
                where old.topic = new.topic and old.key = new.key
                """,
                [topic for topic, _ in changed],
                [key for _, key in changed],
                [state.epoch for state in rows],
                [state.sequence for state in rows],
                [state.event_id for state in rows],
                [state.held for state in rows],
            )


def _since(item: Item, since: datetime | None) -> bool:
    return since is None or item.envelope.time >= since


async def _call(handler: Handler, items: Sequence[Item], uow: UnitOfWork) -> None:
    if not items:
        return
    try:
        await handler([item.event for item in items if item.event is not None], uow)
    except Exception as problem:
        raise HandlerFailed(items, problem) from problem


def _data(kind: EventType, value: bytes | None) -> Any:
    """The data of a record in its newest version. A tombstone has none, and its reader looks at ``erased`` first."""
    if value is None:
        return None
    return kind.model.model_validate_json(value, extra="ignore")  # a reader is open, or no field could ever be added


def _where(record: Record) -> tuple[str, int, int]:
    return (record.topic, record.partition, record.offset)


def _parked(record: Record, envelope: Envelope | None, status: str, reason: str, detail: str) -> ParkedRecord:
    return ParkedRecord(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        envelope.epoch if envelope else None,
        envelope.sequence if envelope else None,
        str(envelope.id) if envelope else None,
        envelope.type if envelope else None,
        status,
        reason,
        detail,
        record.headers,
        record.value,
        envelope.traceparent if envelope else None,
    )
