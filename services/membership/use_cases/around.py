"""The schools that are followed up together, with all that may go over from one to another, and what is to be written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body, Membership
from services.membership.domain.closing import EndedWith
from services.membership.domain.continuity import Given, Succession
from services.membership.domain.school import School
from services.membership.store.continuity import Followed, Leads, named_to_lead

PLACE, END_OF_PLACE = "place", "end-of-place"


@dataclass
class Around:
    today: date
    schools: dict[str, School]
    successions: list[Succession]
    members: list[Membership]
    bodies: dict[UUID, Body]
    followed: dict[tuple[str, str, str], Followed]
    given: Given
    leads: Leads  # whatever was named to lead, from a day on
    cut_before: Sequence[EndedWith]  # as it would run on if its body did not close
    named: list[Membership] = field(default_factory=list)  # lead their school from their first day, though by no rule
    new: list[Membership] = field(default_factory=list)
    ended: list[Membership] = field(default_factory=list)
    turned: list[Membership] = field(default_factory=list)  # lead their school now, or do so no longer
    otherwise: list[tuple[str, date]] = field(default_factory=list)  # schools, with days on which a place ended or ends
    # Those that end otherwise, as they were.
    was: dict[tuple[UUID, str, date], Membership] = field(default_factory=dict)
    taken_back: list[Membership] = field(default_factory=list)
    cut: list[EndedWith] = field(default_factory=list)  # by the closing of the body
    notes: list[Followed] = field(default_factory=list)
    forgotten: list[Followed] = field(default_factory=list)

    def of(self, urn: str, what: str) -> list[Followed]:
        return [each for (school, kind, _), each in self.followed.items() if (school, kind) == (urn, what)]

    def ended_before(self, place: Membership) -> Membership:
        """A place that ends otherwise, as it was."""
        return self.was[_which(place)]

    def entered_end(self, place: Membership) -> date | None:
        """When it ends, but for the closing of its body."""
        if place.until is None or place.until != self.bodies[place.body_id].closed_on:
            return place.until
        which = (place.body_id, place.urn, place.from_date)
        return next(
            (each.until for each in self.cut_before if (each.cause, each.subject, each.from_date) == which), place.until
        )

    def of_school(self, urn: str) -> list[Membership]:
        return [each for each in self.members if each.urn == urn]

    def named_to_lead(self, urn: str) -> list[tuple[date, UUID]]:
        """The bodies that were named, or are named here, to lead this school, with the days from which, in order."""
        now = {each.from_date: each.body_id for each in self.named if each.urn == urn}
        return sorted((dict(named_to_lead(self.leads, urn)) | now).items())

    def keep(self, note: Followed) -> None:
        """In place of whatever was noted of the same."""
        self.notes = [*(each for each in self.notes if _of(each) != _of(note)), note]
        self.followed[_of(note)] = note

    def forget(self, note: Followed) -> None:
        self.notes = [each for each in self.notes if _of(each) != _of(note)]
        self.followed.pop(_of(note), None)
        self.forgotten.append(note)

    def rewritten(self, membership: Membership, until: date | None) -> None:
        """The place ends on that day. One that is written only now is written so."""
        if membership in self.new:
            self.led_otherwise(membership, replace(membership, until=until))
            return
        self.was.setdefault(_which(membership), membership)
        self.otherwise += [(membership.urn, day) for day in (membership.until, until) if day is not None]
        changed = replace(membership, until=until)
        self.ended = [*(each for each in self.ended if not _is_same(each, changed)), changed]
        self.members[self.members.index(membership)] = changed

    def not_to_be(self, places: Sequence[Membership]) -> None:
        self.taken_back += places
        self.members = [each for each in self.members if each not in places]

    def to_be(self, place: Membership) -> None:
        self.new.append(place)
        self.members.append(place)

    def led_otherwise(self, before: Membership, now: Membership) -> None:
        """Another body leads the school than it did on the days of this place, or from a day among them."""
        if before in self.new:
            self.new[self.new.index(before)] = now
            self.members[self.members.index(before)] = now
            return
        if before.until != now.until:
            self.rewritten(before, now.until)
        if before.lead != now.lead:
            self.turned.append(now)
            self.members = [now if _is_same(each, now) else each for each in self.members]


def _is_same(one: Membership, other: Membership) -> bool:
    return _which(one) == _which(other)


def _which(place: Membership) -> tuple[UUID, str, date]:
    return place.body_id, place.urn, place.from_date


def _of(note: Followed) -> tuple[str, str, str]:
    return note.urn, note.what, note.subject


def noted(urn: str, what: str, subject: str, on: date, why: str) -> Followed:
    return Followed(urn, what, subject, on, "", None, why)
