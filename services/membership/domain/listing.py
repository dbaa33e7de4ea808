"""What each edition of a register said of a school, and the school that follows from all of them.

A school is a fold over its listings by their dates, so that files in any order, and any number of times, end in the same
state. The register of schools (GIAS) names; what Ofsted lists only fills what the register leaves blank, but a school on
a later list is open on that day. Its trusts are dated (trust.py); all else counts for every day.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.membership.domain.doubtful_date import Of, doubts
from services.membership.domain.school import School, Status
from services.membership.domain.trust import ClosedTrust, InTrust, Seen, trust_on, trust_periods


class Source(enum.StrEnum):
    """Who says it; of one day, the later named here counts for more."""

    OFSTED = "ofsted"
    GROUP_LINKS = "group-links"
    GIAS_MINIMAL = "gias-minimal"  # name, authority, phase and status only
    GIAS = "gias"


_WEIGHT = {source: place for place, source in enumerate(Source)}
_LISTS_SCHOOLS = frozenset(Source) - {Source.GROUP_LINKS}
_REGISTER = frozenset({Source.GIAS, Source.GIAS_MINIMAL})


@dataclass(frozen=True)
class Listing:
    """One line of one edition. Blank means that this edition does not say.

    ``part`` tells apart what one edition says in several lines (the trusts of a school), ``version`` the corrections
    of one line: of a source and a day the line that was sent last counts.
    """

    urn: str
    source: Source
    as_at: date
    file: str = ""
    part: str = ""
    version: int = 1
    authority: str = ""
    name: str = ""
    phase: str = ""
    type_code: str = ""
    status: Status | None = None
    closing: bool = False  # "Open, but proposed to close"
    opened_on: date | None = None
    closed_on: date | None = None
    postcode_district: str | None = None
    region: str = ""
    trust_id: str | None = None
    trust_name: str | None = None
    joined_on: date | None = None

    @property
    def lists_school(self) -> bool:
        return self.source in _LISTS_SCHOOLS

    @property
    def in_order(self) -> tuple[date, int, date, int, str]:
        """Which of two listings is the later, and of one day the weightier."""
        return (self.as_at, _WEIGHT[self.source], self.joined_on or date.min, self.version, self.part)


@dataclass(frozen=True)
class Folded:
    """The school that follows, with the file that names it and the last day on which a source listed it."""

    school: School  # with the trust of the day that was asked for
    file: str
    listed_on: date
    trust_as_at: date | None
    trusts: tuple[InTrust, ...] = ()
    undated: "Undated | None" = None


@dataclass(frozen=True)
class Undated:
    """A closing without a date: the last edition that has the school open, and the first that has it closed."""

    open_as_at: date
    closed_as_at: date


@dataclass(frozen=True)
class Continuing:
    """A school that continues another one: when it opened, and the last day on which a source listed it."""

    opened_on: date | None
    listed_on: date


def fold(
    listings: Iterable[Listing], closed_trusts: Mapping[str, ClosedTrust] | None = None, on: date = date.max
) -> Folded | None:
    """The school that these listings give together; None while no source lists the school itself.

    ``on``: the day whose trust is the school's.
    """
    ordered = sorted(listings, key=lambda each: each.in_order)
    listed = [_as_meant(each) for each in ordered if each.lists_school]
    if not listed:
        return None
    named = _register_first(listed)
    dated = _as_sent_last(listed)  # what a line says of days it says alone: a blank in its place takes a day back
    seen = _seen(ordered)
    trusts = trust_periods(seen, closed_trusts or {})
    now = trust_on(trusts, on)
    status, closed_on = _status(dated)
    undated = None
    if status is Status.CLOSED and closed_on is None and (undated := _undated(dated)) is not None:
        closed_on = undated.closed_as_at
    was_closed = _closures(dated)  # also what a later edition says was no opening: it has been closed ever since
    closures = [each for each in was_closed if closed_on is None or each[0] < closed_on]
    opened = [each.opened_on for each in _register_first(dated)]
    school = School(
        urn=listed[0].urn,
        authority=_first(each.authority for each in named),
        name=_first(each.name for each in named),
        phase=_first(each.phase for each in named),
        type_code=_first(each.type_code for each in named),
        status=status,
        opened_on=next((day for day in opened if _is_first_opening(day, was_closed)), None),
        closed_on=closed_on,
        postcode_district=next((each.postcode_district for each in named if each.postcode_district), None),
        region=_first(each.region for each in named),
        trust_id=now.trust_id if now else None,
        trust_name=now.name if now else None,
        closures=tuple((begins, ends) for begins, ends in closures if begins < ends),
    )
    trust_as_at = max((each.as_at for each in seen if now and each.trust_id == now.trust_id), default=None)
    return Folded(school, named[0].file, listed[-1].as_at, trust_as_at, trusts, undated)


def _as_meant(listing: Listing) -> Listing:
    """Without dates that its status contradicts, or that lie too far off."""
    found = doubts(listing.status, listing.closing, listing.opened_on, listing.closed_on, listing.as_at)
    wrong = {doubt.of for doubt in found if not doubt.counts}
    if not wrong:
        return listing
    return replace(
        listing,
        opened_on=None if Of.OPENING in wrong else listing.opened_on,
        closed_on=None if Of.CLOSING in wrong else listing.closed_on,
    )


def _register_first(listed: Sequence[Listing]) -> list[Listing]:
    """The latest of the register first, then the latest of the other lists: the first that isn't blank counts."""
    register = [each for each in listed if each.source in _REGISTER]
    return [*reversed(register), *(each for each in reversed(listed) if each.source not in _REGISTER)]


def _as_sent_last(listings: Sequence[Listing]) -> list[Listing]:
    """Each line of each edition once, without what was put right since."""
    lines = {(each.source, each.as_at, each.part): each for each in sorted(listings, key=lambda each: each.version)}
    return sorted(lines.values(), key=lambda each: (*each.in_order[:3], each.part))


def _seen(ordered: Sequence[Listing]) -> list[Seen]:
    """What editions say of trusts."""
    return [
        Seen(each.urn, each.trust_id, each.trust_name, each.as_at, each.joined_on)
        for each in _as_sent_last(ordered)
        if each.trust_id
    ]


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _status(listed: Sequence[Listing]) -> tuple[Status, date | None]:
    """Open, closed or proposed, and the first day no longer open: the later edition decides. One that has it as open after
    its own date of closing contradicts itself, and has it as open (doubtful_date.py)."""
    status, closed_on = Status.OPEN, None
    for each in listed:
        if each.status is None:
            continue
        status = each.status
        if status is Status.CLOSED:
            # Closed before a day that was planned: that day is none any more.
            closed_on = each.closed_on or (closed_on if closed_on is not None and closed_on <= each.as_at else None)
        elif status is Status.PROPOSED or each.closed_on is not None:
            closed_on = each.closed_on
        elif not each.closing and (each.source is Source.GIAS or (closed_on is not None and closed_on < each.as_at)):
            # It is open, so it did not close: an earlier date does not survive. A list that has no dates of closing
            # says nothing against one that was still to come.
            closed_on = None
    return status, closed_on


def _undated(listed: Sequence[Listing]) -> Undated | None:
    """When a school that was open had closed, by the editions alone. None of one that none of them has as open: it has been
    closed ever since it was listed."""
    found: Undated | None = None
    open_as_at: date | None = None
    for each in listed:
        if each.status is Status.OPEN:
            found, open_as_at = None, each.as_at
        elif each.status is Status.CLOSED and found is None and open_as_at is not None:
            found = Undated(open_as_at, each.as_at)
    return found


def _closures(listed: Sequence[Listing]) -> list[tuple[date, date]]:
    """The days on which it was closed by what earlier editions say, until a later one has it open again.

    It is open again from the day that this edition gives, else from its own: that it was open before nobody says. A still
    later edition may give another day; one that has it as proposed gives a day to come, or none that anybody knows yet. One
    that opens again on the very day was closed on none. Of one day only what is said in the end counts, and a closing that
    was called off before its day is none.
    """
    if not any(each.status is Status.CLOSED or each.closed_on for each in listed):
        return []
    found: list[tuple[date, date]] = []
    gone: date | None = None
    closed_on: date | None = None
    for as_at in sorted({each.as_at for each in listed}):
        status, closed_on = _status([each for each in listed if each.as_at <= as_at])
        if status is Status.CLOSED and closed_on is None:
            closed_on = gone or as_at
        is_open = closed_on is None or closed_on > as_at
        if gone is not None and gone <= as_at and is_open:
            again = _opened_again(listed, gone, as_at)
            if status is Status.PROPOSED and again is None:
                continue  # it is to open again, and stays closed until then
            found.append((gone, again or as_at))
        elif found and is_open and (again := _opened_again(listed, found[-1][0], as_at)) is not None:
            found[-1] = (found[-1][0], again)
        gone = closed_on
    if gone is not None and gone != closed_on:
        found.append((gone, date.max))  # it is closed still
    return found


def _opened_again(listed: Sequence[Listing], gone: date, as_at: date) -> date | None:
    """On which day, by the edition of that day, if it gives one."""
    said = [each.opened_on for each in listed if each.as_at == as_at and each.opened_on and each.opened_on >= gone]
    return said[-1] if said else None


def _is_first_opening(opened_on: date | None, closures: Sequence[tuple[date, date]]) -> bool:
    """Whether this is the day on which it opened, not one on which it opened again."""
    return opened_on is not None and not any(closed_on <= opened_on for closed_on, _ in closures)


def closed_by_continuation(folded: Folded, continuing: Iterable[Continuing]) -> School:
    """A school that another continues, and that later lists no longer have, closed when the other opened.

    The register of an earlier day shows it open without an end; without this two schools would stand for one. Nor does a
    closing without a date say more than by which edition it had closed.
    """
    school = folded.school
    if (undated := folded.undated) is not None:
        days = [each.opened_on for each in continuing if each.opened_on is not None]
        between = [day for day in days if undated.open_as_at < day <= undated.closed_as_at]
        return replace(school, closed_on=min(between)) if between else school
    if school.status is not Status.OPEN or school.closed_on is not None:
        return school
    opened = [
        each.opened_on
        for each in continuing
        if each.opened_on is not None and each.listed_on > folded.listed_on and each.opened_on > folded.listed_on
    ]
    return replace(school, closed_on=min(opened)) if opened else school


@dataclass(frozen=True)
class TrustListing:
    """One line of one edition of the register's groups: a trust, and whether it is still open."""

    trust_id: str
    as_at: date
    name: str
    open: bool
    opened_on: date | None = None
    closed_on: date | None = None
    file: str = ""
    version: int = 1


def fold_trust(listings: Iterable[TrustListing]) -> TrustListing:
    """The trust that follows: the later edition counts, and its blanks don't wipe out what an earlier one knew."""
    ordered = sorted(listings, key=lambda each: (each.as_at, each.version))
    latest = ordered[-1]
    return replace(
        latest,
        name=_first(each.name for each in reversed(ordered)),
        opened_on=next((each.opened_on for each in reversed(ordered) if each.opened_on), None),
        closed_on=None if latest.open else next((each.closed_on for each in reversed(ordered) if each.closed_on), None),
    )
