"""Every published event type: its data model, its class, who produces and who may read it.

A data model declares itself with ``@event("thing.past-participle")`` in the module of its service. The full type is
``consortia.<service>.<thing>.<past-participle>.v<major>``.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict


class Sensitivity(enum.StrEnum):
    """Who may know (R0.8). The class of an event rides in its header ``dataclassification``."""

    PUBLIC = "public"
    INTERNAL = "internal"  # behind sign-in: offices, dates, money; nothing about one school's standing
    RESTRICTED = "restricted"  # the authority's category, allocations, proposals, inspections under way
    CONFIDENTIAL = "confidential"  # vulnerable aspects and confidential parts of a meeting
    PERSONAL = "personal"  # names and addresses; only in the people topic

    def stricter_than(self, other: "Sensitivity") -> bool:
        return _FROM_OPEN_TO_STRICT[self] > _FROM_OPEN_TO_STRICT[other]


_FROM_OPEN_TO_STRICT = {kind: place for place, kind in enumerate(Sensitivity)}


class EventData(BaseModel):
    """The data of one event: ids, dates and codes; never a person's name (but for the people topic)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Heads and speakers get a message about it, before any department hears of what was recorded with it (R0.8).
    people_first: ClassVar[bool] = False


@dataclass(frozen=True)
class EventType:
    """One published type.

    ``sensitivity`` is the class an event of this type carries unless the producer states another.
    """

    name: str
    service: str
    topic: str
    model: type[EventData]
    sensitivity: Sensitivity
    summary: str

    @property
    def major(self) -> int:
        return int(self.name.rsplit(".v", 1)[1])


class UnknownEventType(Exception):
    def __init__(self, name: str):
        super().__init__(f"{name} is not a published event type")
        self.name = name


_by_name: dict[str, EventType] = {}
_by_model: dict[type[EventData], EventType] = {}

M = TypeVar("M", bound=type[EventData])


def event(
    service: str,
    thing: str,
    sensitivity: Sensitivity = Sensitivity.INTERNAL,
    *,
    topic: str | None = None,
    major: int = 1,
) -> Callable[[M], M]:
    """Declare a data model as a published event. Its docstring is the event's plain-English summary."""

    def declare(model: M) -> M:
        name = f"consortia.{service}.{thing}.v{major}"
        summary = " ".join((model.__doc__ or "").split())
        kind = EventType(name, service, topic or f"consortia.{service}.events.v1", model, sensitivity, summary)
        if name in _by_name:
            raise ValueError(f"{name} is declared twice")
        _by_name[name] = _by_model[model] = kind
        return model

    return declare


def event_type(name: str) -> EventType:
    """The type of that name. Raises UnknownEventType."""
    try:
        return _by_name[name]
    except KeyError:
        raise UnknownEventType(name) from None


def type_of(data: EventData | type[EventData]) -> EventType:
    return _by_model[data if isinstance(data, type) else type(data)]


def all_event_types() -> list[EventType]:
    return sorted(_by_name.values(), key=lambda kind: kind.name)


def knows_another_version(name: str) -> bool:
    """Whether the type is published, but under other major versions only."""
    base = name.rsplit(".v", 1)[0]
    return any(kind.name.rsplit(".v", 1)[0] == base for kind in _by_name.values())


def compacted_topics() -> frozenset[str]:
    """Topics that keep only the last record of a key: those that hold personal data."""
    return frozenset(kind.topic for kind in _by_name.values() if kind.sensitivity is Sensitivity.PERSONAL)
