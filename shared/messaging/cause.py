"""Why a fact was recorded: the story that it belongs to, the event before it, the trace that it continues.

Each outside fact about one thing (one outcome, one POST, one item of a tick) begins a story of its own; whatever
follows from it in any service carries the same correlation id (D3.12).
"""

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: ordered by time, for everything but people and ballots."""
    return uuid7()


@dataclass(frozen=True)
class Cause:
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    batch_id: UUID | None = None
    people_first: str | None = None  # as in the envelope: what follows of a change is told after the same people

    @classmethod
    def story(cls, *, traceparent: str | None = None, batch_id: UUID | None = None) -> "Cause":
        """The beginning of a story: nothing came before it."""
        return cls(new_id(), None, traceparent, batch_id)
