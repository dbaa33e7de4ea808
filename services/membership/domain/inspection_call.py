"""An urgent request while a school is inspected: who is asked to talk to HMI, and who is next in line (W-16).

The line is the routing policy's own: whoever speaks for the school, then whoever would speak if that person were not
there, and last the duty desk. Nobody is asked about a school that she heads.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.membership.domain.appointment import CHIEF_EXECUTIVE, SCHOOL_IMPROVEMENT_PARTNER, TrustContact
from services.membership.domain.representation import Circumstances, Role, Speaker, route
from services.membership.domain.routing_policy import Matter
from shared.calendar import LONDON
from shared.refusal import Invalid, NotFound, Refusal

# A head may have recorded the call when the inspectors were in the school already.
RECORDED_LATE_BY_AT_MOST = timedelta(days=7)


class UnknownCall(NotFound):
    def __init__(self, call_id: UUID):
        super().__init__(f"There is no inspection call {call_id}: see `consortia calls --also-closed`")


class CallIsClosed(Refusal):
    def __init__(self, closed_on: date):
        super().__init__(f"This inspection call was closed on {closed_on:%-d %B %Y}")


class SomebodyAccepted(Refusal):
    def __init__(self, role: Role):
        super().__init__(f"The {in_words(role)} has accepted already, so nobody else is needed")


class WasNotAsked(Refusal):
    def __init__(self) -> None:
        super().__init__("This person was not asked about this inspection, so can't answer")


class NoDeskIsAsked(Refusal):
    def __init__(self) -> None:
        super().__init__("No desk of the council is asked now: a person is, and answers herself, or an officer for her")


class SaidCannot(Refusal):
    def __init__(self) -> None:
        super().__init__("This person said that she or he cannot, and somebody else was asked since")


class IsNoLongerAsked(Refusal):
    def __init__(self) -> None:
        super().__init__("This person is no longer asked: somebody else is, or was needed in the end")


class LastInLine(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "The duty desk is the last in line, so there is nobody to ask after it: find somebody and accept, or close "
            "the call with a reason"
        )


class HeadsTheInspectedSchool(Refusal):
    def __init__(self, urn: str):
        super().__init__(f"This person heads the school {urn} now, so can't be the one from outside who speaks for it")


class CloseNeedsReason(Invalid):
    def __init__(self) -> None:
        super().__init__("Say why the call is closed before the report is published")


class Answer(enum.StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    CANNOT = "cannot"
    NO_ANSWER = "no-answer"
    NOT_NEEDED = "not-needed"  # somebody asked earlier accepted after all


@dataclass(frozen=True)
class Asked:
    """One who was asked. When she answered is not kept: the minutes taken are never shown against a person."""

    place: int
    role: Role
    rule: str
    person_id: UUID | None  # of a desk: its officer of the day
    trust_id: str | None
    asked_at: datetime
    answer_by: datetime | None  # None: nobody is next, so nothing runs out
    answer: Answer = Answer.WAITING
    answered_by: str | None = None  # who entered it: she herself, or an officer for her

    @property
    def is_desk(self) -> bool:
        return self.role.is_desk


@dataclass(frozen=True)
class Call:
    """The school has had the call. No reason, no category; one open call a school, of the authority that has it."""

    call_id: UUID
    urn: str
    authority: str
    called_on: date
    called_at: datetime
    correlation_id: UUID
    asked: tuple[Asked, ...] = ()
    closed_on: date | None = None
    closed_because: str | None = None  # published, or officer

    @property
    def waiting(self) -> Asked | None:
        return next((each for each in self.asked if each.answer is Answer.WAITING), None)

    @property
    def accepted(self) -> Asked | None:
        return next((each for each in self.asked if each.answer is Answer.ACCEPTED), None)

    @property
    def present(self) -> Asked:
        """Whoever has accepted, else whoever is asked now, else the last who was."""
        return self.accepted or self.waiting or self.asked[-1]

    @property
    def state(self) -> str:
        if self.closed_on is not None:
            return "closed"
        return "accepted" if self.accepted else "asking"

    def asked_of(self, person_id: UUID) -> Asked | None:
        """The last time that this person, not a desk, was asked."""
        found = [each for each in self.asked if each.person_id == person_id and not each.is_desk]
        return found[-1] if found else None

    def reached_the_desk(self) -> bool:
        """The council's improvement desk, which is the first to be asked in Bristol, as well as the duty desk."""
        return any(each.is_desk for each in self.asked)


def in_words(role: Role) -> str:
    return role.value.replace("-", " ")


def line(around: Circumstances, day: date, routes_as: int) -> list[Speaker]:
    """Whom to ask about an inspection, in order. The duty desk stands last, always and once.

    Nobody speaks for a school that is shut, so nobody but the desk is asked about it.
    """
    if not around.school.open_on(day):
        return [LAST]
    found: list[Speaker] = []
    while True:
        speaker = route(around, Matter.INSPECTION, day, routes_as)
        if speaker.role is Role.DUTY_DESK:
            return [*found, speaker]
        if speaker.role is Role.TRUST:
            return [*found, *_for_the_trust(around, day), LAST]
        found.append(speaker)
        if speaker.person_id is None:
            return [*found, LAST]
        around = _without(around, speaker.person_id)


LAST = Speaker(Role.DUTY_DESK, "last-in-line", "Nobody else is left to ask, so the duty desk answers")


def _without(around: Circumstances, person_id: UUID) -> Circumstances:
    """As if that person held nothing: the policy then names the next."""
    return replace(
        around,
        terms=[each for each in around.terms if each.person_id != person_id],
        allocations=[each for each in around.allocations if each.person_id != person_id],
        trust_contacts=[each for each in around.trust_contacts if each.person_id != person_id],
        overrides=[each for each in around.overrides if each.person_id != person_id],
    )


def _for_the_trust(around: Circumstances, day: date) -> Iterable[Speaker]:
    """A trust is asked through its chief executive, then its School Improvement Partner."""
    asked: set[UUID] = set()
    for post, role in (
        (CHIEF_EXECUTIVE, Role.TRUST_CHIEF_EXECUTIVE),
        (SCHOOL_IMPROVEMENT_PARTNER, Role.SCHOOL_IMPROVEMENT_PARTNER),
    ):
        for each in _contacts(around, post, day):
            if each.person_id not in asked and not around.heads_it(each.person_id, day):
                asked.add(each.person_id)
                reason = f"Answers for the trust as its {in_words(role)}"
                yield Speaker(role, "academy-trust", reason, trust_id=each.trust_id, person_id=each.person_id)


def _contacts(around: Circumstances, post: str, day: date) -> list[TrustContact]:
    trust_id = around.trust_on(day)
    return [
        each
        for each in around.trust_contacts
        if trust_id is not None and each.trust_id == trust_id and each.post == post and each.holds_on(day)
    ]


def next_in_line(call: Call, ordered: Sequence[Speaker]) -> Speaker:
    """The first of the line who was not asked in vain. The duty desk never refuses, so there is always somebody."""
    in_vain = {
        (each.role if each.is_desk else each.person_id)
        for each in call.asked
        if each.answer in (Answer.CANNOT, Answer.NO_ANSWER)
    }
    left = [each for each in ordered if (each.person_id or each.role) not in in_vain]
    return left[0] if left else LAST


def after(ordered: Sequence[Speaker], call: Call) -> Speaker | None:
    """The stand-in: whoever would be asked if the present one could not. None where the duty desk is asked."""
    if call.present.role is Role.DUTY_DESK:
        return None
    return next_in_line(_with(call, call.present.place, Answer.NO_ANSWER, None), ordered)


def ask(call: Call, speaker: Speaker, person_id: UUID | None, now: datetime, answer_by: datetime | None) -> Call:
    """Ask one more. The last in line has no time that runs out."""
    until = None if speaker.role is Role.DUTY_DESK else answer_by
    asked = Asked(len(call.asked) + 1, speaker.role, speaker.rule, person_id, speaker.trust_id, now, until)
    return replace(call, asked=(*call.asked, asked))


def accept(call: Call, place: int, *, by: str, heads_it: bool) -> Call:
    """She takes it. Who let her time run out may still do so while nobody else has accepted."""
    must_be_open(call)
    mine = call.asked[place - 1]
    if mine.answer is Answer.ACCEPTED:
        return call  # said twice
    if call.accepted is not None:
        raise SomebodyAccepted(call.accepted.role)
    if mine.answer is Answer.CANNOT:
        raise SaidCannot
    if heads_it and not mine.is_desk:
        raise HeadsTheInspectedSchool(call.urn)
    return _with(_stood_down(call), place, Answer.ACCEPTED, by)


def cannot(call: Call, place: int, *, by: str) -> Call:
    """She can't, or can't any more after she had accepted: the next in line has to be asked."""
    must_be_open(call)
    mine = call.asked[place - 1]
    if mine.answer is Answer.CANNOT:
        return call  # said twice
    if mine.role is Role.DUTY_DESK:
        raise LastInLine
    if mine.answer is Answer.NOT_NEEDED or (call.accepted is not None and call.accepted != mine):
        raise IsNoLongerAsked
    return _with(call, place, Answer.CANNOT, by)


def run_out(call: Call, now: datetime) -> Call:
    """The time to answer has run out. Nothing changes while it has not, or where somebody accepted."""
    waiting = call.waiting
    if call.closed_on is not None or waiting is None or waiting.answer_by is None or now < waiting.answer_by:
        return call
    return _with(call, waiting.place, Answer.NO_ANSWER, None)


def waits_for_the_clock(call: Call, doubted_from: date | None) -> bool:
    """Whether nobody else is asked by time alone, since whoever is asked was asked before the clock jumped to where it is.

    ``doubted_from``: the first day of which somebody has to say that the clock is right; None where it is not in doubt.
    """
    waiting = call.waiting
    if doubted_from is None or call.closed_on is not None or waiting is None or waiting.answer_by is None:
        return False
    return waiting.asked_at.astimezone(LONDON).date() < doubted_from


def needs_somebody(call: Call) -> bool:
    """Whether the next in line has to be asked now."""
    return call.closed_on is None and call.waiting is None and call.accepted is None


def close(call: Call, closed_on: date, because: str, reason: str = "") -> Call:
    """Closed when the report is published, or by an officer with a reason."""
    must_be_open(call)
    if because == "officer" and not reason.strip():
        raise CloseNeedsReason
    return replace(_stood_down(call), closed_on=closed_on, closed_because=because)


def must_be_open(call: Call) -> None:
    if call.closed_on is not None:
        raise CallIsClosed(call.closed_on)


def is_its_report(called_on: date, inspection_started_on: date, published_on: date) -> bool:
    """Whether a published outcome is the one that this call was about.

    A call comes before the inspection begins; one recorded late may come up to a week after. A report that was out by
    the day of the call is an earlier inspection's.
    """
    return published_on > called_on and inspection_started_on >= called_on - RECORDED_LATE_BY_AT_MOST


def _with(call: Call, place: int, answer: Answer, by: str | None) -> Call:
    asked = tuple(replace(each, answer=answer, answered_by=by) if each.place == place else each for each in call.asked)
    return replace(call, asked=asked)


def _stood_down(call: Call) -> Call:
    """Whoever is still asked is not needed any more."""
    waiting = call.waiting
    return call if waiting is None else _with(call, waiting.place, Answer.NOT_NEEDED, None)
