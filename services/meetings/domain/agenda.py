"""What stands on an agenda, and when a school's new speaker is a matter for its Area Analysis Group.

A change of the category in force that gives a school another speaker puts one item on the confidential part of the
group's next agenda. If the school is back with its former speaker before the group met, there is nothing to discuss and
the item is withdrawn. So the question is never "what happened last?" but "does the group know another speaker than the
school has now?", asked afresh each time from all that happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, HEADS, Meeting
from services.meetings.domain.place import Place, in_turn

OPEN = "open"
CONFIDENTIAL = "confidential"
REPRESENTATION_REASSIGNED = "representation-reassigned"

# What a title may say where it could be read over a shoulder: no school, no category, no number of schools.
NEUTRAL_TITLE = "A matter for members of the group"

# Every agenda of a kind has the same lines whatever its confidential part holds, so that no line and no count tells
# anybody that there is an item about some school (R0.8).
STANDING_ITEMS = {
    HEADS: ("Welcome and apologies", "Notes of the last meeting", "Open actions", "Messages from the council"),
    AREA_ANALYSIS_GROUP: (
        "Welcome and apologies",
        "Notes of the last meeting",
        "Common issues in the area",
        "Confidential part, for members of the group",
    ),
}


@dataclass(frozen=True)
class Post:
    """What speaks for a school, whoever holds it.

    The person is left out: when a chair leaves while a system leader speaks, and the school then returns to its chair,
    the change of category is undone though the chair is new. For the same reason a system leader counts as a system
    leader, whichever is allocated.
    """

    role: str
    office_id: UUID | None = None
    body_id: UUID | None = None
    trust_id: str | None = None


@dataclass(frozen=True)
class Speakers:
    """Who speaks for a school on each of the two matters."""

    general: Post | None
    inspection: Post | None

    @property
    def nobody(self) -> bool:
        return self.general is None and self.inspection is None


@dataclass(frozen=True)
class SpeakerChange:
    """One change of a school's speakers caused by its category in force.

    ``place`` orders the changes of one school; ``known_from`` is the day from which the group may know of it, and
    absent while the school has not been told (R0.8).
    """

    place: Place
    before: Speakers
    after: Speakers
    known_from: date | None


@dataclass(frozen=True)
class LiveItem:
    """An item on the agenda of a meeting that is still to come."""

    item_id: UUID
    meeting_id: UUID


@dataclass(frozen=True)
class Decision:
    """What an agenda needs: one item placed or none, any number withdrawn, and the change that is the reason."""

    place_on: Meeting | None = None
    withdraw: tuple[LiveItem, ...] = ()
    because: SpeakerChange | None = None

    @property
    def nothing(self) -> bool:
        return self.place_on is None and not self.withdraw


def what_the_group_must_hear(changes: Sequence[SpeakerChange], last_meeting: date | None) -> SpeakerChange | None:
    """The latest change known, if the school now has other speakers than when the group last met.

    Changes that the group knew when it met are behind it. Of the later ones, even one not yet told says where the
    school stood at that time: otherwise a public change that undoes an untold one would look like news, and give the
    untold one away.
    """
    return _what_it_must_hear(_in_order(changes), last_meeting)


def _in_order(changes: Sequence[SpeakerChange]) -> list[SpeakerChange]:
    turn = in_turn(change.place for change in changes)
    return sorted(changes, key=lambda change: turn[change.place])


def _what_it_must_hear(in_order: Sequence[SpeakerChange], last_meeting: date | None) -> SpeakerChange | None:
    heard = [
        place
        for place, change in enumerate(in_order)
        if last_meeting is not None and change.known_from is not None and change.known_from <= last_meeting
    ]
    later = in_order[heard[-1] + 1 :] if heard else in_order
    known = [change for change in later if change.known_from is not None]
    if not known or later[0].before == known[-1].after:
        return None
    return known[-1]


def settle(
    changes: Sequence[SpeakerChange],
    *,
    last_meeting: date | None,
    next_meeting: Meeting | None,
    live: Sequence[LiveItem],
) -> Decision:
    """What must be placed and withdrawn so that the next agenda, and no other to come, has the item that it should.

    With no meeting in the calendar an item waits: it is placed as soon as one is scheduled. ``live`` are the school's
    items on agendas to come; what stood on an agenda already met stays there.
    """
    in_order = _in_order(changes)
    known = [change for change in in_order if change.known_from is not None]
    latest = (known or in_order)[-1] if in_order else None
    item = _what_it_must_hear(in_order, last_meeting)
    if item is None or next_meeting is None:
        return Decision(withdraw=tuple(live), because=latest)
    kept = [one for one in live if one.meeting_id == next_meeting.meeting_id][:1]
    return Decision(
        place_on=None if kept else next_meeting,
        withdraw=tuple(one for one in live if one not in kept),
        because=item,
    )
