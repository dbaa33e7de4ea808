"""The award of one body for one year, and its division by days in the chair (W-31).

An award is an entitlement, not a payment. Money is whole pence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.funding.domain.chair import ChairHistory, Stretch
from shared.refusal import Invalid, Refusal


class NobodyInTheChair(Refusal):
    def __init__(self, body_id: UUID, year: "AwardYear"):
        super().__init__(
            f"Nobody was in the chair on any day of the year from {year.from_date:%-d %B %Y}, so there is no award"
        )
        self.body_id, self.year = body_id, year


class YearStartsOnNoSuchDay(Invalid):
    def __init__(self, starts: str):
        super().__init__(f"An award year can't start on {starts}: give month and day of a date in every year, as 04-01")
        self.starts = starts


@dataclass(frozen=True, order=True)
class AwardYear:
    """From the first day of an award year up to the first day of the next: 365 days, or 366."""

    from_date: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.from_date).days

    def __contains__(self, on: date) -> bool:
        return self.from_date <= on < self.until


@dataclass(frozen=True)
class AwardTerms:
    """What a body's terms of reference give its chair a year, and when that year starts."""

    pence: int
    year_starts: str = "04-01"

    def year_containing(self, on: date) -> AwardYear:
        try:
            # 2023 is no leap year: 29 February, which most years lack, is refused here.
            start = date.fromisoformat(f"2023-{self.year_starts}")
        except ValueError:
            raise YearStartsOnNoSuchDay(self.year_starts) from None
        begins = start.replace(year=on.year)
        if on < begins:
            begins = begins.replace(year=on.year - 1)
        return AwardYear(begins, begins.replace(year=begins.year + 1))

    def years_from(self, first: date, last: date) -> list[AwardYear]:
        """The years that the two days and those between them fall in."""
        years = [self.year_containing(first)]
        while years[-1].until <= last:
            years.append(self.year_containing(years[-1].until))
        return years


@dataclass(frozen=True)
class Share:
    """A school's part of the award: the days on which its head was in the chair, and the pence they give."""

    urn: str
    days: int
    pence: int


@dataclass(frozen=True)
class Division:
    """The whole award: shares of schools, in order of URN, and what no school has earned."""

    shares: tuple[Share, ...]
    unawarded_days: int
    unawarded_pence: int

    def pence_by_party(self) -> dict[str | None, int]:
        """Pence by school; what is unawarded under None; nothing that is zero."""
        parts: dict[str | None, int] = {share.urn: share.pence for share in self.shares}
        parts[None] = self.unawarded_pence
        return {party: pence for party, pence in parts.items() if pence}


def divide(amount_pence: int, stretches: Sequence[Stretch]) -> Division:
    """Divide an award by days. The shares with the unawarded part make exactly the amount."""
    days: dict[str | None, int] = {}
    for stretch in stretches:
        # Days with no chair, and days of a chair who heads no school, are one unawarded part.
        days[stretch.urn] = days.get(stretch.urn, 0) + stretch.days
    pence = largest_remainder(amount_pence, days)
    schools = sorted(urn for urn in days if urn is not None)
    return Division(tuple(Share(urn, days[urn], pence[urn]) for urn in schools), days.get(None, 0), pence.get(None, 0))


def largest_remainder(amount_pence: int, days: Mapping[str | None, int]) -> dict[str | None, int]:
    """Whole pence in proportion to days: each part rounded down, the pence left over to the largest remainders.

    Of equal remainders the lower URN comes first and the unawarded part last, so that the order of entry is no matter.
    """
    total = sum(days.values())
    pence = {party: amount_pence * count // total for party, count in days.items()}
    remainders = sorted(days, key=lambda party: (-(amount_pence * days[party] % total), party is None, party or ""))
    for party in remainders[: amount_pence - sum(pence.values())]:
        pence[party] += 1
    return pence


@dataclass(frozen=True)
class Adjustment:
    """The division of an award changed because the chair did."""

    before: Division
    after: Division
    from_date: date


@dataclass(frozen=True)
class Award:
    """One body's award for one year, as the history of its chair divides it."""

    award_id: UUID
    body_id: UUID
    year: AwardYear
    amount_pence: int
    version: int
    stretches: tuple[Stretch, ...]

    @classmethod
    def open(cls, award_id: UUID, body_id: UUID, terms: AwardTerms, year: AwardYear, chair: ChairHistory) -> "Award":
        stretches = chair.during(year.from_date, year.until)
        if all(stretch.vacant for stretch in stretches):
            raise NobodyInTheChair(body_id, year)
        return cls(award_id, body_id, year, terms.pence, 1, stretches)

    @property
    def division(self) -> Division:
        return divide(self.amount_pence, self.stretches)

    def follow(self, chair: ChairHistory) -> "Award":
        """The award as that history of the chair divides it: itself where the same days count for the same schools.

        The amount stays what the terms gave when the award was opened.
        """
        stretches = chair.during(self.year.from_date, self.year.until)
        if stretches == self.stretches:
            return self
        return replace(self, version=self.version + 1, stretches=stretches)

    def adjustment_from(self, earlier: "Award") -> Adjustment | None:
        """What finance must know: nothing where other days give the same schools the same money."""
        if earlier.division == self.division:
            return None
        return Adjustment(earlier.division, self.division, _first_difference(earlier.stretches, self.stretches))


def _first_difference(before: Sequence[Stretch], after: Sequence[Stretch]) -> date:
    for old, new in zip(before, after, strict=False):
        if (old.urn, old.vacant) != (new.urn, new.vacant):
            return new.from_date
        if old.until != new.until:
            return min(old.until, new.until)
    raise AssertionError("two divisions that differ have a first day on which they do")
