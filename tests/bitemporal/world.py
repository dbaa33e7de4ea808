"""A small authority twice: in the product, through its use cases, and as a list of facts for the model.

Each act is done to the product; if it isn't refused, the facts that it stands for join the list. Everybody in it is
invented. Names are short, so that a failing sequence can be read: m1 is a maintained school, a1 a converter academy, n1
a new academy without a trust, u1 a school of unknown type, and c1 continues p1 from the fourteenth day on. s1 is
maintained, opens on the ninth day and may be what becomes of p1 or p2, or of both. a1 and c1
belong to trust T, whose chief executive is eve; that of trust U is dot. m3 is an all-through school: it may be in both
bodies.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from services.membership.domain.appointment import Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.listing import Listing, Source
from services.membership.domain.office import Term
from services.membership.domain.school import Status
from services.membership.store.authorities import Desk
from services.membership.store.people import Person
from services.membership.use_cases.inspection_calls import Look
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from shared.messaging.cause import new_id
from shared.refusal import Refusal
from shared.store import Store, UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.following import Following
from tests.bitemporal.meetings import Meetings, Thing, came, under_way
from tests.bitemporal.model import Fact, Known
from tests.bitemporal.telling import Expected
from tests.bitemporal.telling_calls import OFFICER_OF_THE_DAY
from tests.bitemporal.telling_facts import OfHeads
from tests.bitemporal.told import Told, open_proposals, read_outbox, waiting_since

BEGIN = date(2024, 1, 1)
LONG_AGO = date(2020, 9, 1)
TYPES = {
    "a1": "34", "c1": "34", "m1": "1", "m2": "1", "m3": "7", "n1": "28", "p1": "1", "p2": "2", "s1": "3", "u1": "",
}  # fmt: skip
SCHOOLS = list(TYPES)  # in the order of their numbers
IN_A = ("m1", "m2", "p2", "a1", "n1", "u1")
OPENS = {"c1": BEGIN + timedelta(days=14), "s1": BEGIN + timedelta(days=9)}
MAY_CLOSE = ("p1", "p2", "s1")
PEOPLE = ("ann", "bea", "cat", "dot", "eve")
BODIES = {"A": "primary-consortium", "B": "area-network"}
CHIEFS = {"T": "eve", "U": "dot"}
IN_T = ("a1", "c1")


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


@dataclass
class World:
    store: Store
    number: int
    runner: asyncio.Runner
    facts: list[Fact] = field(default_factory=list)
    today: date = BEGIN
    turned_to: date = BEGIN
    uuids: dict[str, UUID] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    terms: list[model.Term] = field(default_factory=list)
    versions: dict[tuple[str, int], int] = field(default_factory=lambda: {("routing", 1): 0, ("category", 1): 0})
    story: list[str] = field(default_factory=list)
    meetings: Meetings = field(default_factory=Meetings)
    following: Following = field(default_factory=Following)
    later: bool = False  # whether a school is to be looked at when its places are written again

    @property
    def authority(self) -> str:
        return f"W{self.number}"

    def urn(self, name: str) -> str:
        return f"{self.number + 100}{SCHOOLS.index(name) + 1:03}"  # six digits, as every URN has, for 900 worlds

    def trust(self, name: str) -> str:
        return f"{name}{self.number}"

    def id(self, name: str) -> UUID:
        return self.uuids[name]

    def named(self, what: object) -> str | None:
        """The short name of whatever the product calls by a URN or a UUID."""
        return None if what is None else self.names.get(str(what), str(what))

    def run(self, work: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        return self.runner.run(self.store.run(work))

    def call(self, name: str, uuid: UUID) -> str:
        self.uuids[name], self.names[str(uuid)] = uuid, name
        return name

    # -- the beginning --

    def begin(self) -> None:
        for name in PEOPLE:
            self.call(name, uuid4())
        for name in SCHOOLS:
            self.names[self.urn(name)] = name
        for name in CHIEFS:
            self.names[self.trust(name)] = name
        bodies = []
        for name in BODIES:
            self.call(name, new_id())
            offices = {post: new_id() for post in ("chair", "deputy", "acting-chair")}
            self.posts |= {str(office): post for post, office in offices.items()}
            bodies.append(
                Body(
                    self.id(name), self.authority, BODIES[name], name, (), LONG_AGO, None, None, "04-01",
                    offices["chair"], offices["deputy"], offices["acting-chair"],
                )
            )  # fmt: skip
        self.set_clock(BEGIN)
        self.run(lambda uow: uow.execute("delete from outbox"))
        self.run(lambda uow: keep_schools(uow, [self.listing(name, Status.OPEN) for name in SCHOOLS]))
        self.run(lambda uow: take_on(uow, self._taken_on(bodies)))
        self.facts += [model.School(BEGIN, name, "W", TYPES[name], OPENS.get(name), edition=BEGIN) for name in SCHOOLS]
        self.facts += [model.InTrust(BEGIN, name, "T", BEGIN, weight=2) for name in IN_T]
        self.facts.append(model.Policy(BEGIN, "W", "routing", "warwickshire", date.min))
        self.facts.append(model.Policy(BEGIN, "W", "category", "ofsted", date.min))
        self.facts += [model.Body(BEGIN, name, kind) for name, kind in BODIES.items()]
        self.facts += [model.Member(BEGIN, f"A/{name}", LONG_AGO, None, "A", name) for name in IN_A]
        self.facts.append(model.Headship(BEGIN, "ann heads m1", LONG_AGO, None, "m1", "ann"))
        self.facts += [
            model.Contact(BEGIN, f"chief {person}", LONG_AGO, None, trust, "chief-executive", person)
            for trust, person in CHIEFS.items()
        ]
        self.set_clock(day(1))
        while self.run(turn_days):
            pass
        self.run(lambda uow: uow.execute("delete from outbox"))
        self.turned_to = self.today
        self.expected = Expected(self.facts, SCHOOLS, self.today)

    def listing(self, name: str, status: Status, as_at: date | None = None, **said: Any) -> Listing:
        of_trust = {"trust_id": self.trust("T"), "trust_name": "T"} if name in IN_T else {}
        always: dict[str, Any] = {
            "name": name,
            "phase": "Primary",
            "type_code": TYPES[name],
            "opened_on": OPENS.get(name),
        }
        return Listing(
            self.urn(name),
            Source.GIAS,
            as_at or self.today,
            authority=self.authority,
            status=status,
            **(always | of_trust | said),
        )

    def _taken_on(self, bodies: Sequence[Body]) -> TakenOn:
        people = [Person(self.id(name), self.authority, name, f"{name}@example.org", None) for name in PEOPLE]
        terms = [
            Term(new_id(), new_id(), self.id("A"), post, self.id(person), LONG_AGO, None, "taken-on")
            for post, person in (("chair", "ann"), ("deputy", "bea"))
        ]
        for term in terms:
            name = self.call(f"term {len(self.terms)}", term.term_id)
            told = model.Term(BEGIN, name, LONG_AGO, None, "A", term.post, self.names[str(term.person_id)])
            self.terms.append(told)
            self.facts.append(told)
        return TakenOn(
            authority=self.authority,
            desks=[Desk("duty-desk", "desk@example.org", "01632 960001", self.id(OFFICER_OF_THE_DAY))],
            routing_policy="warwickshire",
            people=people,
            bodies=bodies,
            headships=[Headship(self.id("ann"), self.urn("m1"), LONG_AGO, None)],
            terms=terms,
            memberships=[Membership(self.id("A"), self.urn(name), LONG_AGO, None, True) for name in IN_A],
            trust_contacts=[
                TrustContact(self.trust(trust), "chief-executive", self.id(person), LONG_AGO, None)
                for trust, person in CHIEFS.items()
            ],
        )

    # -- days and acts --

    def set_clock(self, to: date) -> None:
        self.run(
            lambda uow: uow.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", to
            )
        )
        self.today = to

    def act(
        self,
        what: str,
        work: Callable[[UnitOfWork], Awaitable[Any]],
        facts: Callable[[Any], Sequence[Fact]],
        *,
        of_outcomes: bool = False,
        since_the_beginning: bool = False,
        corrects: Sequence[str] = (),
        moves: Mapping[str, date | None] | None = None,
        comes: tuple[str, str] | None = None,
        heads: OfHeads | None = None,
    ) -> Any:
        """Do it; unless it is refused its facts are known from now on, and exactly what follows from them is told.

        ``since_the_beginning``: it may change any day since the school was first answered, as what a register says.
        ``comes``: what it counts as, and of which school, where its facts don't say so (meetings.py).
        """
        try:
            result = self.run(work)
        except Refusal as refusal:
            self.story.append(f"day {self.date(self.today)}: {what}: refused, {refusal}")
            return None
        self.story.append(f"day {self.date(self.today)}: {what}")
        self.expected.days(self.today)
        new = list(facts(result))
        self._note(new, corrects, comes, of_the_past=since_the_beginning)
        come_back = self.following.come_back(self.facts, new, self.today)
        self.later = self.later or bool(come_back)
        for fact in new:
            self.facts.append(fact)
            if of_outcomes:
                self.expected.act(self.facts, self.today, outcome=fact, since=BEGIN)
        if not of_outcomes:
            since = BEGIN if since_the_beginning else None
            self.expected.act(
                self.facts, self.today, since=since, corrects=corrects, moves=moves, heads=heads, later=come_back
            )
        return result

    def settle(self) -> None:
        """The day's turn is done, and what was told is compared with what the model says."""
        while self.run(turn_days):
            pass
        self.expected.days(self.today)
        self._follow()
        if self.turned_to < self.today:
            self._meets([Thing("day")], self.turned_to)
        self.turned_to = self.today
        self.expected.turn()
        self.pass_on_calls()
        told, asked, waiting = self.run(self._told_and_asked)
        for _, urn, number, category in asked:
            told.proposed[self.names[urn]] = (self.named(number) or "", category)
        told.waiting = {self.names[urn]: since for urn, since in waiting.items()}
        wrong = self.expected.compare(told)
        assert not wrong, self.tell(wrong)

    def _follow(self) -> None:
        """What follows from links and closings is written before the day is turned (docs/continuity.md)."""
        steps = self.following.steps(self.facts, self.today)
        for new in chain(steps, [[]] if self.later else []):
            corrects = [each.which for each in new if isinstance(each, model.Ends) and self._was_lifted(each)]
            self.facts += new
            self.later = False
            self.expected.act(self.facts, self.today, since=BEGIN, corrects=corrects)
        self.run(self._name_what_followed)

    def _was_lifted(self, ends: model.Ends) -> bool:
        """Of an entry that was lifted on a day that has gone, and on another one by what follows."""
        entry = self.expected.known.thing(ends.which)
        until = self.expected.known.until(entry) if isinstance(entry, model.Entry) else None
        return until is not None and until <= self.today and ends.on != entry.start

    async def _name_what_followed(self, uow: UnitOfWork) -> None:
        """What the product writes by itself has ids of its own."""
        for row in await uow.rows(
            "select urn, what, subject, ref from followed where urn = any($1::text[]) and what = any($2::text[]) and ref <> ''",
            [self.urn(name) for name in SCHOOLS],
            ["allocation", "la-entry"],
        ):
            name = self.following.name(self.names[row.urn], self.names.get(row.subject, ""))
            if name is not None and self.uuids.get(name) != UUID(row.ref):
                self.call(name, UUID(row.ref))

    def pass_on_calls(self) -> None:
        """The timer asks the next in line of those whose time has run out, and closes what is over."""
        while self.run(Look()):
            pass
        self.expected.time_passes()

    def _note(
        self, new: Sequence[Fact], corrects: Sequence[str], comes: tuple[str, str] | None, *, of_the_past: bool
    ) -> None:
        things = list(came(new, self.expected.known, corrects, of_the_past=of_the_past))
        if comes is not None:
            things.append(Thing(*comes))
        if self.turned_to < self.today:
            things.append(Thing("act before turn"))
        self._meets(things, self.today)

    def _meets(self, things: Sequence[Thing], on: date) -> None:
        self.meetings.note(under_way(self.expected, self.expected.known, on), things)

    async def _told_and_asked(self, uow: UnitOfWork) -> tuple[Told, list[Any], dict[str, set[date]]]:
        told = await read_outbox(uow, self.named, self.posts)
        return told, await open_proposals(uow, self.authority), await waiting_since(uow, self.authority)

    def knows(self) -> Known:
        return Known(self.facts)

    def date(self, when: date | None) -> str:
        return "-" if when is None else str((when - BEGIN).days)

    def tell(self, wrong: Sequence[str]) -> str:
        return "\n".join(["", "What was done:", *self.story, "", "What is wrong:", *wrong[:12]])
