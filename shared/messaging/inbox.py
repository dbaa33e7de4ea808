"""The inbox: a batch of records in one transaction, each applied once, in order per key, whatever arrives.

A record is known by (topic, key, epoch, sequence); `inbox_key` holds the last one applied, so duplicates are known for
ever without a table of ids. A batch is handled in waves: wave n holds the n-th record of each key, and in a wave the
records of one type go to their handler as one list.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from shared import metrics
from shared.contracts.envelope import BrokenEnvelope, read_envelope
from shared.contracts.registry import EventData, compacted_topics
from shared.messaging.inbound import Handler, Inbound
from shared.messaging.keys import KeyState, lock, save
from shared.messaging.parking import ParkedRecord
from shared.messaging.records import (
    NO_CULPRITS,
    Culprits,
    Item,
    Place,
    Record,
    Stream,
    Where,
    item_of,
    read_data,
    to_park,
)
from shared.store import UnitOfWork
from shared.telemetry import is_sampled, step

log = structlog.get_logger(__name__)


class HandlerFailed(Exception):
    """A handler raised on these events; with a single event it is known which message is at fault."""

    def __init__(self, items: Sequence[Item], problem: Exception):
        super().__init__(f"{type(problem).__name__} while handling {items[0].envelope.type}")
        self.items = items
        self.problem = problem


class EmitsFromProjection(Exception):
    def __init__(self, event_type: str):
        super().__init__(
            f"the projection of {event_type} recorded a fact; only a reaction may, a projection is replayed"
        )


@dataclass
class _Batch:
    """What has been decided about the records of one batch so far."""

    queues: dict[Stream, deque[Item]]
    culprits: Culprits
    states: dict[Stream, KeyState] = field(default_factory=dict)
    fates: Counter[str] = field(default_factory=Counter)
    parking: list[ParkedRecord] = field(default_factory=list)
    unparked: list[Where] = field(default_factory=list)
    let_go: int = 0  # how many were parked and are applied now

    def hold(self, state: KeyState, item: Item, status: str, reason: str, detail: str) -> None:
        item.from_parking = True
        state.parked[item.place] = item
        self.parking.append(to_park(item.record, item.envelope, status, reason, detail))
        self.fates[status] += 1

    def put_aside(self, record: Record, item: Item | None, reason: str, detail: str) -> None:
        self.parking.append(to_park(record, item.envelope if item else None, "aside", reason, detail))
        self.fates["aside"] += 1


PIECE = 500  # of what is parked so many are applied in one transaction, as of what arrives


class Inbox:
    """One service's inbox, for one transaction at a time.

    ``discarded`` are places whose records an operator gave up: they advance the number and are not handled. ``piece``: how
    many of what was parked one transaction lets go. ``cut``: the keys of which the last one has left more that may go on.
    """

    def __init__(
        self,
        inbound: Inbound,
        service: str,
        discarded: frozenset[tuple[Stream, Place]] = frozenset(),
        piece: int = PIECE,
    ):
        self.inbound = inbound
        self.service = service
        self.compacted = compacted_topics()
        self.discarded = discarded
        self.piece = piece
        self.cut: list[Stream] = []

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
        parked records are looked at even if none of theirs arrived. Of a long line a piece is let go; the rest of its keys
        is in ``cut``, and what arrives of them waits behind it. Raises HandlerFailed when a handler raises; the
        caller rolls back and takes the records one at a time.
        """
        batch = _Batch({stream: deque() for stream in drain}, culprits)
        for record in records:
            try:
                if record.key is None:
                    raise BrokenEnvelope("key", None)
                item = item_of(record, read_envelope(record.headers))
            except BrokenEnvelope as problem:
                batch.put_aside(record, None, "no-envelope", str(problem))
                continue
            queue = batch.queues.get(item.stream)
            if queue is None:
                batch.queues[item.stream] = deque((item,))
            else:
                queue.append(item)
        batch.states = await lock(uow, sorted(batch.queues), None if records else self.piece)
        since = await uow.value("select nullif(reactions_since, '-infinity') from service_state")
        advanced: set[Stream] = set(drain)
        waiting = list(batch.queues)
        while True:
            following = ((stream, self._next(stream, batch)) for stream in waiting)
            wave = [item for _, item in following if item is not None]
            if not wave:
                break
            await self._handle(wave, uow, since, batch.fates)
            waiting = [item.stream for item in wave]  # a key that had nothing for this wave has nothing for the next
            for item in wave:
                state = batch.states[item.stream]
                state.epoch, state.sequence = item.place
                state.event_id = item.envelope.id
                if item.from_parking:
                    batch.unparked.append(item.record.where)
            advanced.update(waiting)
        self.cut = self._left(batch) if batch.let_go >= self.piece or drain else []
        await save(uow, batch.states, advanced, batch.parking, batch.unparked, self.compacted)
        for fate, count in batch.fates.items():
            metrics.INBOX_RECORDS.labels(self.service, fate).inc(count)
        return batch.fates

    def _next(self, stream: Stream, batch: _Batch) -> Item | None:
        """The next record of one key that is to be applied now; the others in front of it get their fate."""
        state, queue, compacted = batch.states[stream], batch.queues[stream], stream[0] in self.compacted
        while True:
            item = self._let_go(stream, batch) or (queue.popleft() if queue else None)
            if item is None:
                return None
            if item.place <= state.place:
                known = state.event_id if item.place == state.place else None
                self._seen(item, known, batch)
                continue
            if item.place in state.parked and (
                not compacted or state.parked[item.place].record.where != item.record.where
            ):
                self._seen(item, state.parked[item.place].envelope.id, batch)
                continue
            if state.culprit is not None and not compacted:
                batch.hold(state, item, "waiting", "behind", "an earlier message of this key is parked")
                continue
            if not compacted and batch.let_go >= self.piece and state.next_parked(compacted=False) is not None:
                batch.hold(state, item, "waiting", "behind", "earlier messages of this key are let go in pieces")
                continue
            if not state.follows(item.place, compacted=compacted):
                batch.hold(state, item, "gap", "gap", f"came after {state.epoch}/{state.sequence}")
                continue
            if self.discarded and (stream, item.place) in self.discarded:
                return item
            fault = batch.culprits.get(item.record.where) or read_data(item, self.inbound, compacted)
            if fault is None:
                return item
            batch.hold(state, item, "parked", *fault)
            state.culprit = item.place
            log.error("inbox.parked", type=item.envelope.type, reason=fault[0], **_found_by(item))

    def _let_go(self, stream: Stream, batch: _Batch) -> Item | None:
        """The parked record whose turn has come, unless enough were let go in this transaction."""
        state = batch.states[stream]
        if not state.parked or batch.let_go >= self.piece:
            return None
        place = state.next_parked(compacted=stream[0] in self.compacted)
        if place is None:
            return None
        batch.let_go += 1
        return state.parked.pop(place)

    def _left(self, batch: _Batch) -> list[Stream]:
        """The keys of which more that is parked may go on."""
        return [
            stream for stream, state in batch.states.items() if state.goes_on(compacted=stream[0] in self.compacted)
        ]

    @staticmethod
    def _seen(item: Item, known: object, batch: _Batch) -> None:
        """A number that is known already: a duplicate, unless it came with another id."""
        if known is None or item.envelope.id == known:
            batch.fates["duplicate"] += 1
            return
        batch.fates["fork"] += 1
        log.error("inbox.fork", sequence=item.place[1], **_found_by(item))
        batch.put_aside(item.record, item, "fork", "a number seen with another id")

    async def _handle(self, wave: Sequence[Item], uow: UnitOfWork, since: datetime | None, fates: Counter[str]) -> None:
        """One wave: the spans of the sampled events, then their handlers, one list a type."""
        by_model: dict[type[EventData], list[Item]] = defaultdict(list)
        with ExitStack() as spans:
            for item in wave:
                if item.event is None or item.model is None:
                    continue
                if item.envelope.traceparent is not None and is_sampled(item.envelope.traceparent):
                    cause = spans.enter_context(
                        step(f"receive {item.envelope.type}", cause=item.event.cause, event_id=item.envelope.id)
                    )
                    item.event = replace(item.event, traceparent=cause.traceparent)
                by_model[item.model].append(item)
            applied = sum(item.event is not None and item.model is not None for item in wave)
            fates["applied"] += applied
            fates["ignored"] += len(wave) - applied
            for model, items in by_model.items():
                if model in self.inbound.projections:
                    await _project(self.inbound.projections[model].keep, items, uow)
                if model in self.inbound.reactions:
                    await _call(self.inbound.reactions[model], _from(items, since), uow)
            if self.inbound.every is not None:
                everything = [item for item in wave if item.event is not None]
                await _call(self.inbound.every, _from(everything, since), uow)


def _found_by(item: Item) -> dict[str, str | int]:
    """Where a record is, for whoever looks for it; not its key, which says whom it is about (R0.8)."""
    topic, partition, offset = item.record.where
    return {"topic": topic, "partition": partition, "offset": offset, "event_id": str(item.envelope.id)}


def _from(items: Sequence[Item], since: datetime | None) -> Sequence[Item]:
    return items if since is None else [item for item in items if item.envelope.time >= since]


async def _project(handler: Handler, items: Sequence[Item], uow: UnitOfWork) -> None:
    before = len(uow.unsent)
    await _call(handler, items, uow)
    if len(uow.unsent) > before:
        raise HandlerFailed(items, EmitsFromProjection(items[0].envelope.type))


async def _call(handler: Handler, items: Sequence[Item], uow: UnitOfWork) -> None:
    if not items:
        return
    try:
        await handler([item.event for item in items if item.event is not None], uow)
    except Exception as problem:
        raise HandlerFailed(items, problem) from problem
