"""What a service does with the events it reads: one table, event type to projection or reaction."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.clock import london_date
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventData, Sensitivity, all_event_types, type_of
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

D = TypeVar("D", bound=EventData)


@dataclass(frozen=True, slots=True)
class Received(Generic[D]):
    """One event as a handler sees it. ``value`` is the record's own bytes, for who passes it on unchanged.

    ``erased`` is true for a tombstone of the people topic, whose ``data`` must not be touched.
    """

    envelope: Envelope
    topic: str
    key: str
    data: D
    value: bytes | None
    traceparent: str | None  # the span in which this service handles the event

    @property
    def id(self) -> UUID:
        return self.envelope.id

    @property
    def type(self) -> str:
        return self.envelope.type

    @property
    def subject(self) -> str:
        return self.envelope.subject

    @property
    def authority(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def epoch(self) -> int:
        return self.envelope.epoch

    @property
    def sequence(self) -> int:
        return self.envelope.sequence

    @property
    def time(self) -> datetime:
        return self.envelope.time

    @property
    def date(self) -> date:
        """The London date of the fact."""
        return london_date(self.envelope.time)

    @property
    def correlation_id(self) -> UUID:
        return self.envelope.correlation_id

    @property
    def causation_id(self) -> UUID | None:
        return self.envelope.causation_id

    @property
    def sensitivity(self) -> Sensitivity:
        return self.envelope.sensitivity

    @property
    def told(self) -> bool:
        return self.envelope.told

    @property
    def batch_id(self) -> UUID | None:
        return self.envelope.batch_id

    @property
    def erased(self) -> bool:
        return self.value is None

    @property
    def cause(self) -> Cause:
        """Pass as ``because=event.cause`` for whatever this event makes you record."""
        return Cause(self.correlation_id, self.id, self.traceparent, self.batch_id, self.envelope.people_first)


def last_of_each(events: Iterable[Received[D]], thing: Callable[[D], Hashable]) -> list[Received[D]]:
    """Of each thing the event that was recorded last: ids are minted as facts are recorded.

    A wave has one event of each key, but a school that passed to another authority has a key for each of them. They lie in
    different partitions and may be read in any order: a projection of such things also keeps whose word it has, and when
    that was said, and takes only the word of the same key or one said later.
    """
    return list({thing(event.data): event for event in sorted(events, key=lambda event: event.id)}.values())


def by_the_later_word(table: str) -> str:
    """The end of an `on conflict do update set` of such a projection, whose table has `told_under` and `told_as` (an authority
    and an event's id): what is there gives way to the word of the same key, or to one that was said later."""
    return f"""
        told_under = excluded.told_under, told_as = greatest({table}.told_as, excluded.told_as)
        where {table}.told_under = excluded.told_under or {table}.told_as < excluded.told_as
    """


Handler = Callable[[list[Received[Any]], UnitOfWork], Awaitable[None]]


@dataclass(frozen=True)
class Projection:
    """A handler that only keeps: it writes the named tables, emits nothing, and may be replayed by `rebuild`."""

    keep: Handler
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Inbound:
    """The flow of a service. A reaction is never replayed; its effect has a natural unique key.

    ``every`` is a reaction handed every event of every known type, after the others.
    """

    projections: Mapping[type[EventData], Projection] = field(default_factory=dict)
    reactions: Mapping[type[EventData], Handler] = field(default_factory=dict)
    every: Handler | None = None

    def topics(self) -> list[str]:
        """The topics this service reads."""
        if self.every is not None:
            return sorted({kind.topic for kind in all_event_types()})
        return sorted({type_of(model).topic for model in [*self.projections, *self.reactions]})

    def reads(self, model: type[EventData]) -> bool:
        return self.every is not None or self.acts_by_type(model)

    def acts_by_type(self, model: type[EventData]) -> bool:
        return model in self.projections or model in self.reactions
