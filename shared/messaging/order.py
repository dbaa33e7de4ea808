"""People first (R0.8): each fact says how many of those recorded with it, in its story, people are told of.

Its reader may get them in any number of batches and, of several keys, in any order. It can't know by looking at some of
them that another is to come of which a head must hear first; so the producer, who has them all, says it on each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shared.contracts.registry import EventData, Sensitivity, event_type
from shared.messaging.outbox import Unsent


@dataclass(frozen=True, slots=True)
class Together:
    """What one transaction recorded of one story: named by the first fact that people are told of, and their number."""

    first: UUID
    people: int

    @classmethod
    def read(cls, mark: str) -> "Together":
        """Raises ValueError."""
        first, _, people = mark.partition("/")
        return cls(UUID(first), int(people))

    def __str__(self) -> str:
        return f"{self.first}/{self.people}"


def people_are_told(model: type[EventData], sensitivity: Sensitivity) -> bool:
    """Whether heads and speakers get a message about a fact of this type and class."""
    return model.people_first and sensitivity is not Sensitivity.CONFIDENTIAL


def people_first(unsent: Sequence[Unsent]) -> Sequence[Unsent]:
    """The same records, each with what people are told of the story of which it was recorded. Copies count for nothing."""
    stories: dict[UUID, Together] = {}
    for record in unsent:
        envelope = record.envelope
        kind = event_type(envelope.type)
        if record.topic == kind.topic and people_are_told(kind.model, envelope.sensitivity):
            found = stories.get(envelope.correlation_id)
            stories[envelope.correlation_id] = Together(
                found.first if found else envelope.id, found.people + 1 if found else 1
            )
    if not stories:
        return unsent
    marks = {story: str(together) for story, together in stories.items()}
    return [
        replace(record, envelope=replace(record.envelope, people_first=marks[record.envelope.correlation_id]))
        if record.envelope.correlation_id in marks and record.topic == event_type(record.envelope.type).topic
        else record
        for record in unsent
    ]
