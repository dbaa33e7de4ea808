"""Rows of the final reads, as the checkers judge them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the feed."""

    region: str
    number: int
    event: str
    kind: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that is to be sent, or was."""

    department: str
    event: str
    state: str
    webhook: str  # the id under which it is sent, however often
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told of one fact by e-mail."""

    event: str
    person: str
    state: str
    letter: str
    due: bool  # by now
    made_at: float


@dataclass(frozen=True, slots=True)
class Letter:
    person: str
    state: str
    messages: int  # that go in it


@dataclass(frozen=True, slots=True)
class Call:
    """An inspection call as membership has it: the answers of those who were asked, in line, and by when the last may answer."""

    urn: str
    answers: tuple[str, ...]
    out_of_time: bool  # whoever is asked now had until now at most
    closed_because: str  # empty: it is open
    reported: bool  # an outcome is published of an inspection that began then


@dataclass(frozen=True, slots=True)
class Award:
    """The award of one body for one year as it is divided now; what is unawarded under no school."""

    award: str
    body: str
    year_from: date
    until: date
    pence: int
    days: Mapping[str, int]
    parts: Mapping[str, int]  # pence
