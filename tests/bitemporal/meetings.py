"""What met in a run: what was under way when something came. Chance decides; a run says at its end what it never tried."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tests.bitemporal.facts import (
    Allocation,
    Answered,
    Ends,
    Entry,
    Fact,
    Headship,
    InTrust,
    LeadNamed,
    Link,
    Member,
    Outcome,
    Override,
    Policy,
    School,
    Term,
)
from tests.bitemporal.model import Known
from tests.bitemporal.telling import Expected

PLANNED: dict[type, str] = {
    Term: "office planned",
    Allocation: "allocation planned",
    Override: "override planned",
    Entry: "entry planned",
    Member: "place planned",
    LeadNamed: "lead planned",
    Headship: "headship planned",
    Policy: "policy planned",
    Answered: "confirmed ahead",
}
STATES = ("end planned", "closing planned", "officers asked", "held back", "call open")
UNDER_WAY = (*PLANNED.values(), *STATES)

FILES = ("outcome file", "links", "register", "trusts")
PUT_RIGHT = (
    "office put right",
    "leader put right",
    "place put right",
    "entry taken back",
    "outcome put right",
    "outcome taken back",
)
CAME = (*FILES, *PUT_RIGHT, "outcome", "policy", "told", "call", "answer", "act before turn", "day")

# What is to be right whatever comes between: a run of sixty examples or more has to have tried each of these.
IMPORTANT = [
    *((plan, file) for plan in PLANNED.values() for file in FILES if plan != "confirmed ahead"),
    *(("held back", right) for right in PUT_RIGHT),
    *(("held back", file) for file in FILES),
    *(("call open", what) for what in (*FILES, *PUT_RIGHT, "told", "policy", "answer", "act before turn", "day")),
    *((plan, "call") for plan in ("office planned", "allocation planned", "override planned", "entry planned")),
    ("held back", "call"),
    ("held back", "answer"),
]


class Thing(NamedTuple):
    """``of``: the school that it is about, where it is about one."""

    what: str
    of: str | None = None


class Meetings:
    def __init__(self) -> None:
        self.met: Counter[tuple[str, str]] = Counter()
        self.of_one_school: Counter[tuple[str, str]] = Counter()

    def note(self, there: Sequence[Thing], came: Sequence[Thing]) -> None:
        """Counted once, however many of a kind were there."""
        self.met.update({(one.what, other.what) for one in there for other in came})
        self.of_one_school.update(
            {
                (one.what, other.what)
                for one in there
                for other in came
                if None in (one.of, other.of) or one.of == other.of
            }
        )

    def never(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        return [pair for pair in pairs if not self.met[pair]]

    def table(self) -> Iterator[str]:
        """Rows: what was under way. Columns: what came. How often of one school, or of no one school alone, and at all."""
        yield " " * 19 + "".join(f"{number:>7}" for number in range(1, len(CAME) + 1))
        for there in UNDER_WAY:
            cells = (f"{self.of_one_school[there, came]}/{self.met[there, came]}" for came in CAME)
            yield f"{there:<19}" + "".join(f"{cell:>7}" for cell in cells)
        yield ", ".join(f"{number} {came}" for number, came in enumerate(CAME, 1))
        yield "never tried, and should be: " + _words(self.never(IMPORTANT))
        every = [(there, came) for there in UNDER_WAY for came in CAME]
        yield "never tried of the rest: " + _words([pair for pair in self.never(every) if pair not in IMPORTANT])


def _words(pairs: Sequence[tuple[str, str]]) -> str:
    rows = {there: [what for one, what in pairs if one == there] for there, _ in pairs}
    return "; ".join(f"{there} with {', '.join(what)}" for there, what in rows.items()) or "nothing"


def under_way(expected: Expected, known: Known, on: date) -> list[Thing]:
    """What is planned for later than that day, waits to be told, or waits for somebody's answer."""
    found = [Thing("held back", urn) for urn in expected.held] + [
        Thing("call open", each.urn) for each in expected.open_calls()
    ]
    found += [Thing("officers asked", urn) for urn in expected.proposed]
    for kind, what in PLANNED.items():
        for each in known.all(kind):
            end = known.ends.get(getattr(each, "id", ""))
            if each.start is not None and each.start > on and end != each.start:
                found.append(Thing(what, getattr(each, "urn", None)))
    found += [Thing("end planned") for end in known.ends.values() if end > on]
    schools = [known.school(urn) for urn in sorted({each.urn for each in known.all(School)})]
    found += [Thing("closing planned", each.urn) for each in schools if each and each.closed and each.closed > on]
    return found


def came(facts: Sequence[Fact], known: Known, corrects: Sequence[str], *, of_the_past: bool) -> Iterator[Thing]:
    """What an act was, by the facts that it stands for. ``known``: before it."""
    for held in map(known.thing, corrects):
        if isinstance(held, Entry):
            yield Thing("entry taken back", held.urn)  # its lifting, which was on another day
        else:
            yield Thing("office put right") if isinstance(held, Term) else Thing("leader put right", held.urn)
    for fact in facts:
        if isinstance(fact, Outcome):
            yield Thing(_outcome(fact, known), fact.urn)
        elif isinstance(fact, Link):
            yield Thing("links", fact.about)
        elif isinstance(fact, School):
            yield Thing("register", fact.urn)
        elif isinstance(fact, InTrust):
            yield Thing("trusts", fact.urn)
        elif isinstance(fact, Policy):
            yield Thing("policy")
        elif isinstance(fact, Ends) and of_the_past and not corrects:
            yield from (Thing("entry taken back", each.urn) for each in known.all(Entry) if each.id == fact.which)
            yield from (Thing("place put right", each.urn) for each in known.all(Member) if each.id == fact.which)


def _outcome(fact: Outcome, known: Known) -> str:
    if fact.by_file:
        return "outcome file"
    if fact.withdrawn:
        return "outcome taken back"
    return "outcome put right" if fact.inspection in known.believed() else "outcome"
