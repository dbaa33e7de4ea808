"""Reading the list of facts: what is known on a day of policies and whatever is held."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from tests.bitemporal.facts import (
    Allocation,
    BodyCloses,
    Contact,
    Ends,
    Entry,
    Fact,
    Headship,
    Held,
    Member,
    Policy,
    PolicyPutRight,
    Term,
)

# By the register's codes of establishment types. A "new academy" is a new start; a converter carries on what it was.
_CODES = {
    "maintained": "1 2 3 5 7 12 14 15",
    "converter": "34 42 44 45",
    "new academy": "28 33 35 36 38 39 40 41 43 46 57",
    "other": "6 8",
    "independent": "10 11 18 24 25 26 27 29 30 31 32 37 49 56",
}
TYPES = defaultdict(lambda: "unknown", {code: kind for kind, codes in _CODES.items() for code in codes.split()})
NO_POLICY = {"routing": "duty-desk-only", "category": "ofsted"}

F = TypeVar("F", bound=Fact)
H = TypeVar("H", bound=Held)
R = TypeVar("R", bound="Reading")
P = ParamSpec("P")
A = TypeVar("A")


def once(question: Callable[Concatenate[R, P], A]) -> Callable[Concatenate[R, P], A]:
    """Asked a second time, it is answered as the first time: the facts of a day don't change."""

    @wraps(question)
    def answered(reading: R, *args: P.args, **kwargs: P.kwargs) -> A:
        asked = (question, args, *kwargs.items())
        if asked not in reading.answered:
            reading.answered[asked] = question(reading, *args, **kwargs)
        answer: A = reading.answered[asked]
        return answer

    return answered


class Reading:
    """The facts as known at the end of one day, as plainly as a list can be read."""

    def __init__(self, facts: Iterable[Fact], known: date = date.max):
        self.facts: dict[type, list[Any]] = defaultdict(list)
        self.ends: dict[str, date] = {}
        self.answered: dict[Any, Any] = {}
        said: dict[str, int] = {}
        for fact in facts:
            if fact.known > known:
                continue
            if isinstance(fact, Ends):
                self.ends[fact.which] = fact.on
            elif isinstance(fact, Held) and fact.id in said:  # it was corrected, and its end with it
                self.facts[type(fact)][said[fact.id]] = fact
                self.ends.pop(fact.id, None)
            else:
                if isinstance(fact, Held):
                    said[fact.id] = len(self.facts[type(fact)])
                self.facts[type(fact)].append(fact)

    @once
    def policy(self, authority: str, kind: str, on: date) -> Policy:
        """Whatever was adopted last, from this day or an earlier one: what had been planned for later is taken back."""
        standing = [each for each in self.adopted(authority, kind) if each is not None and each.start <= on]
        return standing[-1] if standing else Policy(on, authority, kind, NO_POLICY[kind], date.min)

    @once
    def adopted(self, authority: str, kind: str) -> list[Policy | None]:
        """In the order in which it was adopted, as it was put right since."""
        found: list[Policy | None] = [
            each for each in self.all(Policy) if (each.authority, each.kind) == (authority, kind)
        ]
        for put_right in self.all(PolicyPutRight):
            if (put_right.authority, put_right.kind) == (authority, kind):
                found[put_right.which] = put_right.right
        return found

    def thing(self, which: str) -> Any:
        """Something that is held, as it was said last and with the end that was said of it."""
        found = next(
            each
            for kind in (Term, Allocation, Member, Contact, Headship, Entry)
            for each in self.all(kind)
            if each.id == which
        )
        return replace(found, until=self.ends.get(which, found.until))

    def until(self, each: Held, *, closes: date | None = date.max) -> date | None:
        """When it ends: a place or a term with its body at the latest. ``closes``: if the body closed on that day."""
        until = self.ends.get(each.id, each.until)
        if not isinstance(each, Member | Term):
            return until
        ends = self.closes(each.body) if closes == date.max else closes
        return min(until, ends) if until is not None and ends is not None else until or ends

    @once
    def closes(self, body: str) -> date | None:
        return next((each.on for each in reversed(self.all(BodyCloses)) if each.body == body), None)

    def all(self, kind: type[F]) -> list[F]:
        return self.facts[kind]

    def held(self, kind: type[H], on: date) -> Iterator[H]:
        for each in self.all(kind):
            until = self.until(each)
            if each.start <= on and (until is None or on < until):
                yield each
