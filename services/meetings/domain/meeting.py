"""Putting a meeting of a body in the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.refusal import Invalid, NotFound, Refusal

HEADS = "heads"
AREA_ANALYSIS_GROUP = "area-analysis-group"
KINDS = (HEADS, AREA_ANALYSIS_GROUP)


class UnknownBody(NotFound):
    def __init__(self, body_id: UUID):
        super().__init__(f"There is no body {body_id} that you may see.")


class UnknownMeeting(NotFound):
    def __init__(self, meeting_id: UUID):
        super().__init__(f"There is no meeting {meeting_id} that you may see.")


class UnknownKindOfMeeting(Invalid):
    def __init__(self, kind: str):
        super().__init__(f'"{kind}" is not a kind of meeting. Enter one of: {", ".join(KINDS)}.')


class WrongKindOfMeeting(Refusal):
    def __init__(self, body: str, kind: str):
        if kind == AREA_ANALYSIS_GROUP:
            sentence = f"{body} is not an Area Analysis Group: call a heads' meeting."
        else:
            sentence = f"{body} is an Area Analysis Group: its meetings are not heads' meetings."
        super().__init__(sentence)


class DayIsPast(Refusal):
    def __init__(self, on: date, today: date):
        super().__init__(f"A meeting can't be called for {on:%-d %B %Y}: today is {today:%-d %B %Y}.")


class BodyIsClosed(Refusal):
    def __init__(self, body: str, closed_on: date):
        super().__init__(f"{body} closes on {closed_on:%-d %B %Y}, so it can't meet on or after that day.")


class AlreadyMeetsThatDay(Refusal):
    def __init__(self, body: str, on: date):
        super().__init__(f"{body} already has a meeting on {on:%-d %B %Y}.")


@dataclass(frozen=True)
class Body:
    """A consortium, network or group, as far as its meetings go."""

    body_id: UUID
    authority: str
    kind: str
    name: str
    areas: Sequence[str]  # an Area Analysis Group has one, a network may lie in several (W-29)
    opened_on: date
    closed_on: date | None

    @property
    def is_area_analysis_group(self) -> bool:
        return self.kind == AREA_ANALYSIS_GROUP


@dataclass(frozen=True)
class Meeting:
    meeting_id: UUID
    body_id: UUID
    kind: str
    on: date


def schedule(meeting_id: UUID, body: Body, kind: str, on: date, *, taken: bool, today: date) -> Meeting:
    """Put a meeting in the calendar. ``taken``: whether the body already meets on that day."""
    if kind not in KINDS:
        raise UnknownKindOfMeeting(kind)
    if (kind == AREA_ANALYSIS_GROUP) != body.is_area_analysis_group:
        raise WrongKindOfMeeting(body.name, kind)
    if on < today:
        raise DayIsPast(on, today)
    if body.closed_on is not None and on >= body.closed_on:
        raise BodyIsClosed(body.name, body.closed_on)
    if taken:
        raise AlreadyMeetsThatDay(body.name, on)
    return Meeting(meeting_id, body.body_id, kind, on)
