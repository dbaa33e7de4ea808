"""Where a fact stands among all that was told of its school.

A school's facts are numbered by its authority. If it passes to another one, their numbers begin at 1 again, so numbers
say nothing about which of two authorities spoke first. The ids of events do: each holds the moment at which it was recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

UNSAID = ""  # the authority of what the release before wrote (migration 0005)


@dataclass(frozen=True, slots=True)
class Place:
    """The key that a fact was told under, by its authority; its number there; and the id of the event."""

    authority: str
    epoch: int
    sequence: int
    event_id: UUID

    @property
    def number(self) -> tuple[str, int, int]:
        return self.authority, self.epoch, self.sequence


def in_turn(places: Iterable[Place]) -> dict[Place, int]:
    """Which was told first, second and so on.

    What one authority told keeps the order of its numbers, also where a clock ran back: a fact was told no earlier than
    those before it. What several told is ordered by when.
    """
    places = list(places)
    if (
        len({place.authority for place in places} - {UNSAID}) <= 1
    ):  # what has no authority is of the only one that there is
        ordered = sorted(places, key=lambda place: (place.epoch, place.sequence, place.event_id))
    else:
        told = _told_no_earlier(places)
        ordered = sorted(told, key=lambda place: (told[place], place.number))
    return {place: turn for turn, place in enumerate(ordered)}


def _told_no_earlier(places: Iterable[Place]) -> dict[Place, UUID]:
    """Each as told no earlier than those before it of its authority."""
    told: dict[Place, UUID] = {}
    for _, of_one in groupby(sorted(places, key=lambda place: place.number), key=lambda place: place.authority):
        latest = UUID(int=0)
        for place in of_one:
            told[place] = latest = max(latest, place.event_id)
    return told
