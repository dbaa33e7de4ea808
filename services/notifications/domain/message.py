"""Who is told what about a fact, and when it may be sent: at most one e-mail a week, on school days (R0.8, R0.9, W-16).

A change of who speaks for a school is told to the school's head first, and to the chair of its governors where an officer
said so; then to the people who spoke and who speak, of a trust to its chief executive; to nobody else. A desk of the
council that comes to speak is alerted at once; so is whoever is asked about an inspection, on every channel. In which
words: `words.py`.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.notifications.domain.telling import Stage
from shared.calendar import LONDON, Calendar

EMAIL, TEXT = "email", "text"

GENERAL, INSPECTION = "general", "inspection"

A_WEEK = timedelta(days=7)
MORNING = time(8)


class Kind(enum.StrEnum):
    SPEAKER_CHANGED = "speaker-changed"  # to the head of the school
    GOVERNORS_HEAR = "governors-hear"  # the same, to whoever chairs its governors
    YOU_SPEAK = "you-speak"
    YOU_NO_LONGER_SPEAK = "you-no-longer-speak"
    INSPECTION_CALL = "inspection-call"
    DESK_SPEAKS = "desk-speaks"  # to a desk of the council


@dataclass(frozen=True)
class Reassigned:
    """Who spoke for a school and who speaks now, by matter; nobody where no person is known behind the role."""

    urn: str
    valid_from: date
    before: dict[str, UUID | None]
    after: dict[str, UUID | None]
    changed: tuple[str, ...]  # the matters on which another speaks, person or not
    for_trusts: frozenset[UUID] = frozenset()  # who of these hears because the trust speaks, and not she herself
    # The trust whose it is to speak on a matter, itself or by one of its people.
    trusts_before: Mapping[str, str | None] = field(default_factory=dict)
    trusts_after: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Addressed:
    """One person is to hear of one fact."""

    person_id: UUID
    kind: Kind
    stage: Stage | None
    matters: tuple[str, ...] = ()
    also_lost: tuple[str, ...] = ()  # of somebody who speaks on one matter and no longer on another
    channels: tuple[str, ...] = field(default=(EMAIL,))
    for_trust: bool = False
    in_post_at: str | None = None  # the trust in whose post she hears, or has come to speak


def told_of(change: Reassigned, heads: Iterable[UUID], chairs_of_governors: Iterable[UUID] = ()) -> list[Addressed]:
    """The head or heads of the school, and the chair of its governors where an officer said so; then the old and the new
    speaker; each of them once. Who chairs its governors and speaks for it hears that she speaks."""
    known = set(heads)
    people = {person for person in (*change.before.values(), *change.after.values()) if person is not None} - known
    at_the_school = [
        *((head, Kind.SPEAKER_CHANGED) for head in sorted(known)),
        *((chair, Kind.GOVERNORS_HEAR) for chair in sorted(set(chairs_of_governors) - known - people)),
    ]
    found = [Addressed(person, kind, Stage.HEADS, change.changed) for person, kind in at_the_school if change.changed]
    for person in sorted(people):
        gained = tuple(m for m in (GENERAL, INSPECTION) if _now_speaks(change, m, person))
        lost = tuple(m for m in (GENERAL, INSPECTION) if _no_longer_speaks(change, m, person))
        for_trust = person in change.for_trusts
        if gained:
            post = _trust(change.trusts_after, gained)
            found.append(
                Addressed(person, Kind.YOU_SPEAK, Stage.SPEAKERS, gained, lost, for_trust=for_trust, in_post_at=post)
            )
        elif lost:  # who spoke herself hears that she does no longer, whoever is in the post
            post = _trust(change.trusts_before, lost) if for_trust else None
            found.append(
                Addressed(person, Kind.YOU_NO_LONGER_SPEAK, Stage.SPEAKERS, lost, for_trust=for_trust, in_post_at=post)
            )
    return found


def _trust(trusts: Mapping[str, str | None], matters: Iterable[str]) -> str | None:
    """The one trust whose these matters are."""
    (first, *others) = {trusts.get(matter) for matter in matters}
    return None if others else first


def _now_speaks(change: Reassigned, matter: str, person: UUID) -> bool:
    return change.after.get(matter) == person and change.before.get(matter) != person


def _no_longer_speaks(change: Reassigned, matter: str, person: UUID) -> bool:
    return change.before.get(matter) == person and change.after.get(matter) != person


def asked_at_once(receivers: Iterable[UUID]) -> list[Addressed]:
    """Whoever is asked to talk to the inspectors: by e-mail and text, on any day and at any hour (W-16)."""
    return [Addressed(each, Kind.INSPECTION_CALL, None, channels=(EMAIL, TEXT)) for each in receivers]


def alerted(desk: UUID, matters: Iterable[str]) -> Addressed:
    """A desk of the council that speaks from now on: it belongs to no order of telling and to no week (W-17, W-18)."""
    return Addressed(desk, Kind.DESK_SPEAKS, None, tuple(matters))


def may_go(calendar: Calendar, authority: str, ready: datetime, last_sent: date | None) -> datetime:
    """When an e-mail that is ready now may go to somebody who was last sent one on that day.

    A week after it at the earliest, and on a school day: what comes meanwhile goes with it (R0.9).
    """
    if last_sent is not None:
        over = datetime.combine(last_sent + A_WEEK, MORNING, LONDON)
        ready = max(ready, over)
    return calendar.school_hours(authority, ready)
