"""A school as the register has it, and what its type says about it."""

import enum
from dataclasses import dataclass
from datetime import date

from shared.refusal import NotFound, Refusal


class UnknownSchool(NotFound):
    def __init__(self, urn: str):
        super().__init__(f"There is no school with the URN {urn} in the register")
        self.urn = urn


class NotStateFunded(Refusal):
    def __init__(self, urn: str, name: str):
        super().__init__(f"{name} ({urn}) is not a state-funded school, so nobody outside it speaks for it here")
        self.urn = urn


class NotOpen(Refusal):
    def __init__(self, urn: str, name: str, on: date):
        super().__init__(f"{name} ({urn}) is not open on {on:%-d %B %Y}")
        self.urn = urn


class Sector(enum.StrEnum):
    MAINTAINED = "maintained"
    ACADEMY = "academy"  # free schools route as academies (W-02)
    OTHER = "other"
    UNKNOWN = "unknown"


# The codes of the register's own file of establishment types. "Special schools" and "Free schools" are groups of
# types, not types, and hold both maintained and other schools: the type alone decides.
MAINTAINED_TYPES = frozenset({"1", "2", "3", "5", "7", "12", "14", "15"})
ACADEMY_TYPES = frozenset({"28", "33", "34", "35", "36", "38", "39", "40", "41", "42", "43", "44", "45", "46", "57"})
OTHER_STATE_FUNDED_TYPES = frozenset({"6", "8"})  # city technology colleges, non-maintained special schools
NOT_STATE_FUNDED_TYPES = frozenset({"10", "11", "18", "24", "25", "26", "27", "29", "30", "31", "32", "37", "49", "56"})

# A converter carries on the school that it was; the other kinds of academy are a new start (R0.1, `converters`).
CONVERTER_TYPES = frozenset({"34", "42", "44", "45"})


def type_code(raw: str) -> str:
    """The type code without the zero that some editions of the register put before it."""
    return raw.strip().lstrip("0")


def sector_of(code: str) -> Sector:
    if code in MAINTAINED_TYPES:
        return Sector.MAINTAINED
    if code in ACADEMY_TYPES:
        return Sector.ACADEMY
    if code in OTHER_STATE_FUNDED_TYPES or code in NOT_STATE_FUNDED_TYPES:
        return Sector.OTHER
    return Sector.UNKNOWN


def is_state_funded(code: str) -> bool:
    return code in MAINTAINED_TYPES or code in ACADEMY_TYPES or code in OTHER_STATE_FUNDED_TYPES


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

    @property
    def sector(self) -> Sector:
        return sector_of(self.type_code)

    @property
    def state_funded(self) -> bool:
        return is_state_funded(self.type_code)

    @property
    def is_converter(self) -> bool:
        return self.type_code in CONVERTER_TYPES

    def open_on(self, day: date) -> bool:
        """Whether the school is open that day: by its dates where the register has them, else by its status."""
        if self.status is Status.CLOSED and self.closed_on is None:
            return False
        if self.status is Status.PROPOSED and self.opened_on is None:
            return False
        if self.opened_on is not None and day < self.opened_on:
            return False
        return self.closed_on is None or day < self.closed_on

    def is_spoken_for(self) -> bool:
        """Whether somebody outside the school must be named for it.

        A school whose type is unknown may be state-funded, so it is named too, and the duty desk answers.
        """
        return self.state_funded or self.sector is Sector.UNKNOWN
