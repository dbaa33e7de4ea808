"""The facts of the model: each says when it is true, and on which day it became known."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Fact:
    known: date


@dataclass(frozen=True)
class School(Fact):
    """What an edition of the register says of a school; what the latest says holds for every day."""

    urn: str
    authority: str
    type: str
    opened: date | None = None
    closed: date | None = None
    status: str = "open"
    edition: date = date.min
    again: date | None = None  # the day on which it opened again, by this edition


@dataclass(frozen=True)
class InTrust(Fact):
    """An edition of a register names the trust of a school, and since when, or not. None: it has none since that day.

    Of one edition what was said last of a trust counts. ``weight``: of one day the register's main file outweighs its
    links, and those Ofsted's list.
    """

    urn: str
    trust: str | None
    edition: date
    since: date | None = None
    weight: int = 1


@dataclass(frozen=True)
class Policy(Fact):
    """An authority adopts a policy from a day on. ``kind`` is routing or category."""

    authority: str
    kind: str
    name: str
    start: date
    inherit: str = "converters"


@dataclass(frozen=True)
class BodyCloses(Fact):
    """From that day there is no such body; what was said last counts. None: it doesn't close."""

    body: str
    on: date | None


@dataclass(frozen=True)
class PolicyPutRight(Fact):
    """What had been adopted as the so-manieth of its kind was ``right``, or should never have been: None."""

    authority: str
    kind: str
    which: int
    right: Policy | None


@dataclass(frozen=True)
class Outcome(Fact):
    """What a source says of one inspection: of several, the one of the latest day counts, of one day the last.

    ``card``: of a report card each evaluation area with its grade, in the order of the alphabet.
    ``withdrawn``: an officer has taken it back, and it says nothing, whatever files have; until she enters or believes it.
    """

    urn: str
    number: str
    started: date
    published: date
    headline: int | None = None
    concern: str | None = None
    quality: int | None = None
    leadership: int | None = None
    safe: bool | None = None
    kind: str = "graded"
    withdrawn: bool = False
    source: date = date.min
    by_file: bool = False
    card: tuple[tuple[str, str], ...] = ()

    @property
    def inspection(self) -> tuple[str, str]:
        return (self.number, self.kind)


@dataclass(frozen=True)
class Continues(Fact):
    """One school continues another, as Ofsted lists it or as all links of the two say (register.py).

    ``stated``: the day that the links give.
    """

    urn: str
    predecessor: str
    merged: bool = False
    stated: date | None = None


@dataclass(frozen=True)
class Link(Fact):
    """What a file of links has at one school about another. ``stated``: the day that it gives."""

    at: str
    about: str
    kind: str
    edition: date
    stated: date | None = None


@dataclass(frozen=True)
class Answered(Fact):
    """An officer has confirmed what an outcome proposes, from a day on, or declined it (``start`` is None)."""

    id: str
    urn: str
    number: str
    category: int | None
    start: date | None


@dataclass(frozen=True)
class Stays(Fact):
    """What was in force when officers began to be asked: it stays until one of them confirms something else."""

    urn: str
    since: date
    category: int | None
    because: str
    ref: str
    begins: date


@dataclass(frozen=True)
class Held(Fact):
    """Something that holds from ``start`` until the day before ``until``. What was said last of one ``id`` counts."""

    id: str
    start: date
    until: date | None


@dataclass(frozen=True)
class Entry(Held):
    urn: str
    category: int
    review: date | None = None


@dataclass(frozen=True)
class Member(Held):
    """``lead``: whether it is said to lead the school; None: nothing is said, so the rule decides."""

    body: str
    urn: str
    lead: bool | None = None


@dataclass(frozen=True)
class Term(Held):
    body: str
    post: str
    person: str


@dataclass(frozen=True)
class Allocation(Held):
    urn: str
    person: str


@dataclass(frozen=True)
class Override(Held):
    """Somebody else, or the duty desk where nobody is named, speaks for a school on one matter or on both."""

    urn: str
    matter: str
    person: str | None


@dataclass(frozen=True)
class Headship(Held):
    """``moved``: she came by a move, with whatever office she holds, and left that school, if any; else she was taken on."""

    urn: str
    person: str
    moved: bool = True
    left: str | None = None


@dataclass(frozen=True)
class Body(Fact):
    name: str
    kind: str


@dataclass(frozen=True)
class LeadNamed(Fact):
    """Of the bodies of a school this one leads from a day on, for as long as the school is in it. Of one day the last counts."""

    urn: str
    body: str
    start: date


@dataclass(frozen=True)
class Contact(Held):
    trust: str
    post: str
    person: str


@dataclass(frozen=True)
class Ends(Fact):
    """Something that is held no longer holds from this day on; from its first day on, it never held."""

    which: str
    on: date


@dataclass(frozen=True)
class KeptUntil(Fact):
    """An officer lets an entry stand and is asked about it again on another date."""

    which: str
    review: date
