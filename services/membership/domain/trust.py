"""Which trust an academy belongs to, from when until when, by all that the registers' editions say of it.

An edition says it with the day on which the school joined (the register's group links) or without (its main file, and
Ofsted's list). What the latest edition says counts from the day that it names, and for the days before that what
earlier ones say, in the same way. A trust that is named without a day counts from the day of the first edition that has
it; the first of all from ever, since nothing says of another one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from services.membership.domain.dated import Dated
from shared.refusal import NotFound


class UnknownTrust(NotFound):
    def __init__(self, trust_id: str):
        super().__init__(
            f"No school in the register belongs to a trust {trust_id}. Check its UID; for a new trust import the "
            "register's latest files, then do this again"
        )


@dataclass(frozen=True)
class InTrust(Dated):
    """A school belongs to a trust on the days [from_date, until). ``date.min`` stands for no beginning."""

    urn: str
    trust_id: str
    from_date: date
    until: date | None
    name: str | None = None


@dataclass(frozen=True)
class Seen:
    """What one edition says: a school belongs to a trust, and since when, where it says that."""

    urn: str
    trust_id: str
    name: str | None
    as_at: date
    joined_on: date | None = None

    @property
    def speaks_of(self) -> date:
        """The latest day of which it says something: a joining to come says nothing of today."""
        return max(self.as_at, self.joined_on or self.as_at)


@dataclass(frozen=True)
class ClosedTrust:
    """A trust that an edition of the register's groups has as closed: the day of the edition, the first day closed."""

    listed_on: date
    closed_on: date


def trust_on(periods: Iterable[InTrust], day: date) -> InTrust | None:
    return next((each for each in periods if each.holds_on(day)), None)


def trust_periods(seen: Iterable[Seen], closed: Mapping[str, ClosedTrust]) -> tuple[InTrust, ...]:
    """The trusts of one school in order, never two on a day. ``seen``: of one day the weightier edition comes last."""
    in_order = sorted(seen, key=lambda each: each.speaks_of)
    runs = [list(run) for _, run in groupby(in_order, key=lambda each: each.trust_id)]
    found: list[InTrust] = []
    begins: date | None = None
    for place, run in reversed(list(enumerate(runs))):
        from_date = _joined(run) or (run[0].as_at if place else date.min)
        if begins is not None and from_date >= begins:
            continue  # a later edition says otherwise of all these days
        until = _until(run, begins, closed.get(run[0].trust_id))
        if until is None or from_date < until:
            found.append(InTrust(run[-1].urn, run[-1].trust_id, from_date, until, run[-1].name))
        begins = from_date
    return _without_seams(found[::-1])


def _joined(run: Sequence[Seen]) -> date | None:
    return next((each.joined_on for each in reversed(run) if each.joined_on), None)


def _until(run: Sequence[Seen], begins: date | None, closed: ClosedTrust | None) -> date | None:
    """The day on which the next trust begins, or earlier the one on which this one closed, unless it is listed later."""
    if closed is None or run[-1].as_at > closed.listed_on:
        return begins
    return min(closed.closed_on, begins or closed.closed_on)


def _without_seams(periods: Sequence[InTrust]) -> tuple[InTrust, ...]:
    """One period where two of the same trust follow each other without a day between."""
    found: list[InTrust] = []
    for each in periods:
        if found and (found[-1].trust_id, found[-1].until) == (each.trust_id, each.from_date):
            found[-1] = replace(each, from_date=found[-1].from_date)
        else:
            found.append(each)
    return tuple(found)
