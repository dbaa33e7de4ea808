"""Who chairs a school's governors. She answers for nobody here; she hears what the head hears, where asked (R0.8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.appointment import must_not_overlap
from services.membership.domain.dated import Dated
from shared.refusal import Invalid, NotFound, Refusal

CURE = "end that first (`consortia governors end`)"


class NobodyChairsTheGovernors(NotFound):
    def __init__(self, urn: str, on: date):
        super().__init__(
            f"Nobody is recorded who chairs the governors of {urn} on {on:%-d %B %Y}: enter her or him first "
            "(`consortia governors chair`)"
        )


class EndsBeforeItBegins(Invalid):
    def __init__(self, until: date):
        super().__init__(
            f"{until:%-d %B %Y} is no later than the first day: enter the first day no longer in the chair"
        )


class ChairsAlready(Refusal):
    def __init__(self, urn: str, from_date: date):
        super().__init__(f"This person chairs the governors of {urn} from {from_date:%-d %B %Y} already")


@dataclass(frozen=True)
class ChairOfGovernors(Dated):
    """A person chairs a school's governors on the days [from_date, until)."""

    urn: str
    person_id: UUID
    from_date: date
    until: date | None


def words_of(chair: ChairOfGovernors) -> str:
    return f"The chair of governors of {chair.urn}"


def on_day(chairs: Iterable[ChairOfGovernors], urn: str, day: date) -> ChairOfGovernors:
    """Raises NobodyChairsTheGovernors."""
    found = next((each for each in chairs if each.urn == urn and each.holds_on(day)), None)
    if found is None:
        raise NobodyChairsTheGovernors(urn, day)
    return found


def succeed(held: Sequence[ChairOfGovernors], new: ChairOfGovernors) -> list[ChairOfGovernors]:
    """All who held and hold it once ``new`` is in the chair: whoever sits in it that day leaves it."""
    if new.until is not None and new.until <= new.from_date:
        raise EndsBeforeItBegins(new.until)
    there = next((each for each in held if each.holds_on(new.from_date)), None)
    if there is not None and there.person_id == new.person_id:
        raise ChairsAlready(new.urn, there.from_date)
    before = [
        replace(each, until=new.from_date) if each == there and each.from_date < new.from_date else each
        for each in held
    ]
    after = [*before, new]
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in after), CURE)
    return after


def end(held: Sequence[ChairOfGovernors], urn: str, ended_on: date) -> list[ChairOfGovernors]:
    """Whoever sat in the chair on the day before leaves it; ended on the very first day it never was so."""
    never = [each for each in held if each.from_date == ended_on]
    if never:
        return [each for each in held if each not in never]
    there = next((each for each in held if each.from_date < ended_on and each.holds_on(ended_on)), None)
    if there is None:
        raise NobodyChairsTheGovernors(urn, ended_on)
    return [replace(each, until=ended_on) if each == there else each for each in held]
