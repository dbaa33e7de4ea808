"""A school as the register has it, and what its type says about it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.membership.domain.establishment import Sector as Sector
from services.membership.domain.establishment import establishment_type
from services.membership.domain.establishment import sector_of as sector_of
from services.membership.domain.establishment import type_code as type_code
from shared.refusal import NotFound, Refusal


class UnknownSchool(NotFound):
    def __init__(self, urn: str):
        super().__init__(
            f"There is no school with the URN {urn} in the register. Check the number; for a new school import the "
            "register's latest file (it has a school from the day on which GIAS lists it), then do this again. Until then "
            "outcomes published for it can be recorded: they wait, and count when it is there"
        )
        self.urn = urn


class NotKnownThen(NotFound):
    def __init__(self, urn: str, known: date, since: date):
        super().__init__(
            f"The register here did not have {urn} by {known:%-d %B %Y}: it is known since {since:%-d %B %Y}. Ask for what was "
            "known on that day or later"
        )
        self.urn = urn


class NotStateFunded(Refusal):
    def __init__(self, urn: str, name: str):
        super().__init__(f"{name} ({urn}) is not a state-funded school, so nobody outside it speaks for it here")
        self.urn = urn


class NotOpen(Refusal):
    """``instead``: the schools that continue it and are open that day, where it is known that somebody may look for one."""

    def __init__(self, urn: str, name: str, on: date, instead: Sequence[str] = ()):
        ask = f": ask for {' or '.join(instead)}, which continues it" if instead else ""
        super().__init__(f"{name} ({urn}) is not open on {on:%-d %B %Y}{ask}")
        self.urn = urn


class Status(enum.StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    PROPOSED = "proposed"


@dataclass(frozen=True)
class School:
    urn: str
    authority: str
    name: str
    phase: str
    type_code: str
    status: Status
    opened_on: date | None = None
    closed_on: date | None = None
    postcode_district: str | None = None
    area: str | None = None
    region: str = ""
    trust_id: str | None = None
    trust_name: str | None = None
    closures: tuple[tuple[date, date], ...] = ()  # from which day it was closed, and from which it is open again

    @property
    def sector(self) -> Sector:
        return sector_of(self.type_code)

    @property
    def state_funded(self) -> bool:
        return establishment_type(self.type_code).state_funded

    @property
    def is_converter(self) -> bool:
        return establishment_type(self.type_code).converter

    def open_on(self, day: date) -> bool:
        """Whether the school is open that day: by its dates where the register has them, else by its status."""
        if self.status is Status.CLOSED and self.closed_on is None:
            return False
        if self.status is Status.PROPOSED and self.opened_on is None and not self.closures:
            return False  # nobody says when it opens; one that was closed is to open again
        if self.opened_on is not None and day < self.opened_on:
            return False
        if any(closed_on <= day < again_on for closed_on, again_on in self.closures):
            return False
        return self.closed_on is None or day < self.closed_on

    def opens_again(self, day: date) -> date | None:
        """The day to come on which it is open again, of a school that is closed on this one."""
        until = [again_on for closed_on, again_on in self.closures if closed_on <= day < again_on < date.max]
        return next((each for each in until if self.open_on(each)), None)

    def closed_by(self, day: date) -> bool:
        """Whether it has closed for good by that day; a school that is yet to open has not."""
        if self.closed_on is None:
            return self.status is Status.CLOSED
        return self.closed_on <= day

    def is_spoken_for(self) -> bool:
        """Whether somebody outside the school must be named for it.

        A school whose type is unknown may be state-funded, so it is named too, and the duty desk answers.
        """
        return self.state_funded or self.sector is Sector.UNKNOWN


def must_not_be_closed(school: School, from_date: date) -> None:
    """Nothing new begins of a school that has closed; what was so before can still be entered. Raises NotOpen."""
    if school.closed_by(from_date):
        raise NotOpen(school.urn, school.name, from_date)
