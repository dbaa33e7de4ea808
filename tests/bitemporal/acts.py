"""Each thing that somebody may do: to the product, and as facts for the model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.membership.domain.appointment import TrustContact
from services.membership.domain.category import Inherit
from services.membership.domain.category import Outcome as ProductOutcome
from services.membership.domain.listing import Listing, Source
from services.membership.domain.school import Status
from services.membership.use_cases import appointments, la_category, offices, places, policies, record_outcomes
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.withdraw_outcome import believe_outcome, withdraw_outcome
from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.model import Ends, Fact, Outcome
from tests.bitemporal.world import TYPES, World

OFFICER = {"reason": "Why", "adopted_by": "officer"}


class Acts:
    def __init__(self, world: World):
        self.world = world
        self.numbers = 0
        self.linked = False

    def clock(self, days: int) -> None:
        self.world.set_clock(self.world.today + timedelta(days=days))
        self.world.story.append(f"day {self.world.date(self.world.today)} comes")

    def on(self, days: int) -> date:
        return self.world.today + timedelta(days=days)

    # -- Ofsted --

    def publish(self, name: str, published: int, inspected: int, grades: dict[str, Any], kind: str) -> None:
        self.numbers += 1
        when = self.on(-published)
        self._record(
            [
                Outcome(
                    self.world.today,
                    name,
                    f"N{self.numbers}",
                    when - timedelta(days=inspected),
                    when,
                    kind=kind,
                    **grades,
                )
            ],
            0,
        )

    def correct(self, which: int, name: str | None, published: int, grades: dict[str, Any], source: int) -> None:
        known = self._outcomes()
        if known:
            old = known[which % len(known)]
            when = self.on(-published)
            new = Outcome(
                self.world.today, name or old.urn, old.number, min(old.started, when), when, kind=old.kind, **grades
            )
            self._record([new], source, by_file=source > 0)

    def withdraw(self, which: int) -> None:
        known = self._outcomes()
        if not known:
            return
        old = known[which % len(known)]
        today = self.world.today
        taken_back = replace(old, known=today, withdrawn=True, by_file=False)
        self.world.act(
            f"withdraw {old.number}",
            lambda uow: withdraw_outcome(uow, self._number(old), old.kind, reason="Why", withdrawn_by="officer"),
            lambda _: [taken_back],
            of_outcomes=True,
        )

    def believe(self, which: int) -> None:
        """An officer believes the file after all; where nothing was withdrawn she is refused."""
        known = self._outcomes()
        if known:
            old = known[which % len(known)]
            self.world.act(
                f"believe the file on {old.number}",
                lambda uow: believe_outcome(uow, self._number(old), old.kind, reason="Why", believed_by="officer"),
                lambda _: [replace(old, known=self.world.today, withdrawn=False, by_file=False)],
                of_outcomes=True,
            )

    def list_again(self, which: Sequence[int], source: int) -> None:
        """A file has some of the known outcomes, as they are believed or were believed first, some of them twice."""
        every = self.world.knows().all(Outcome)
        picked: dict[tuple[str, str], Outcome] = {}
        for each in which:
            if every:
                chosen = every[each % len(every)]
                picked.setdefault(chosen.inspection, replace(chosen, known=self.world.today, withdrawn=False))
        if picked:
            self._record([*picked.values(), next(iter(picked.values()))], source, by_file=True)

    def _outcomes(self) -> list[Outcome]:
        return sorted(self.world.knows().believed().values(), key=lambda each: (each.number, each.kind))

    def _record(self, sent: Sequence[Outcome], source: int, *, by_file: bool = False) -> None:
        as_at = self.on(-source)
        sent = [replace(each, source=as_at, by_file=by_file) for each in sent]

        async def work(uow: UnitOfWork) -> None:
            listed = [
                Published(self.world.urn("c1" if each.urn == "p1" else each.urn), self._product(each, uow))
                for each in sent
            ]
            await record_outcomes.record_outcomes(
                uow, listed, take_on=False, source="a file" if by_file else "by hand", as_at=as_at, by_file=by_file
            )

        def facts(_: Any) -> list[Fact]:
            found: list[Fact] = []
            if not self.linked and any(each.urn == "p1" for each in sent):
                self.linked = True
                found.append(model.Continues(self.world.today, "c1", "p1"))
            once = {each.inspection: each for each in sent}.values()
            in_order = sorted(once, key=lambda each: (each.published, each.started, each.number))
            return found + list(in_order)

        words = "; ".join(self._words(each) for each in sent)
        self.world.act(
            f"{'file' if by_file else 'outcome'} of day {self.world.date(as_at)}: {words}",
            work,
            facts,
            of_outcomes=True,
        )

    def _words(self, each: Outcome) -> str:
        said = {what: getattr(each, what) for what in ("headline", "concern", "quality", "leadership", "safe")}
        told = {what: value for what, value in said.items() if value is not None}
        return f"{each.number} of {each.urn}, {each.kind}, published on day {self.world.date(each.published)}, {told}"

    def _product(self, each: Outcome, uow: UnitOfWork) -> ProductOutcome:
        return ProductOutcome(
            self.world.urn(each.urn),
            self._number(each),
            each.kind,
            each.started,
            each.published,
            uow.now,
            headline=each.headline,
            category_of_concern=each.concern,
            quality_of_education=each.quality,
            leadership=each.leadership,
            safeguarding_effective=each.safe,
        )

    def _number(self, each: Outcome) -> str:
        """Inspections have numbers of their own in the whole country, so in every world."""
        number = f"{each.number}w{self.world.number}"
        self.world.names[number] = each.number
        return number

    # -- the authority --

    def set_entry(self, name: str, category: int, start: int, review: int | None) -> None:
        world, when = self.world, self.on(start)
        ask = when + timedelta(days=review) if review else None
        entry = f"entry {len(world.facts)}"
        world.act(
            f"{name} is set to {category} from day {world.date(when)}, to be asked about on {world.date(ask)} ({entry})",
            lambda uow: la_category.set_la_category(
                uow, world.urn(name), category=category, from_date=when, reason="Why", review_on=ask, set_by="officer"
            ),
            lambda made: [model.Entry(world.today, world.call(entry, made.entry_id), when, None, name, category, ask)],
        )

    def lift(self, name: str, on: int) -> None:
        world, when = self.world, self.on(on)
        if world.turned_to != world.today:  # asked about on its review date, or lifted: it depends on who is first
            world.settle()
        world.act(
            f"the entries of {name} are lifted on day {world.date(when)}",
            lambda uow: la_category.lift_la_category(
                uow, world.urn(name), lifted_on=when, reason="Over", lifted_by="officer"
            ),
            lambda lifted: [Ends(world.today, world.names[str(each)], when) for each in lifted.entry_ids],
        )

    def tell_a_school(self, name: str, which: int, ago: int) -> None:
        """Most often one that has something to be told: today, or on an earlier day, and it is entered late.

        Of a day whose turn was late it isn't known what was held back by then.
        """
        world = self.world
        names = [*sorted(world.expected.held), name]
        name = names[which % len(names)]
        first = min(world.expected.held.get(name, {world.today}))
        days = sorted({world.today, *(day for day in world.turned if day >= first)})
        self.tell_school(name, days[-1 - ago % len(days)])

    def tell_school(self, name: str, on: date) -> None:
        world = self.world
        world.act(
            f"{name} was told on day {world.date(on)}",
            lambda uow: la_category.record_school_told(uow, world.urn(name), told_on=on, told_by="officer"),
            lambda _: [],
        )
        world.expected.school_told(name, on)

    def adopt_routing(self, policy: str, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        world.act(
            f"routing by {policy} from day {world.date(when)}",
            lambda uow: policies.adopt_routing_policy(
                uow, world.authority, name=policy, from_date=when, settings={}, **OFFICER
            ),
            lambda _: [model.Policy(world.today, "W", "routing", policy, when)],
        )

    def adopt_category(self, policy: str, inherit: str, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        world.act(
            f"categories by {policy}, inherit {inherit}, from day {world.date(when)}",
            lambda uow: policies.adopt_category_policy(
                uow, world.authority, name=policy, from_date=when, inherit=Inherit(inherit), **OFFICER
            ),
            lambda _: [model.Policy(world.today, "W", "category", policy, when, inherit)],
        )

    # -- people in places --

    def allocate(self, name: str, person: str, start: int, lasts: int | None) -> None:
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts) if lasts else None
        allocation = f"allocation {len(world.facts)}"
        world.act(
            f"{person} is allocated to {name} from day {world.date(when)} until {world.date(until)} ({allocation})",
            lambda uow: appointments.allocate_system_leader(
                uow, world.urn(name), person_id=world.id(person), from_date=when, until=until
            ),
            lambda made: [
                model.Allocation(world.today, world.call(allocation, made.allocation_id), when, until, name, person)
            ],
        )

    def end_allocation(self, which: int, on: int) -> None:
        world, when = self.world, self.on(on)
        known = world.knows().all(model.Allocation)
        if known:
            chosen = known[which % len(known)]
            world.act(
                f"{chosen.id} is ended on day {world.date(when)}",
                lambda uow: appointments.end_allocation(uow, world.id(chosen.id), ended_on=when),
                lambda _: [Ends(world.today, chosen.id, when)],
            )

    def take_up(self, body: str, post: str, person: str, start: int, lasts: int | None) -> None:
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts) if lasts else None
        term = f"term {len(world.facts)}"

        def facts(made: Any) -> list[Fact]:
            back = self._acting_chair_steps_back(body, post, when)
            return [*back, model.Term(world.today, world.call(term, made.term_id), when, until, body, post, person)]

        world.act(
            f"{person} is {post} of {body} from day {world.date(when)} until {world.date(until)} ({term})",
            lambda uow: offices.take_up_office(
                uow, world.id(body), post=post, person_id=world.id(person), from_date=when, until=until, route="meeting"
            ),
            facts,
        )

    def end_office(self, which: int, on: int) -> None:
        world, when = self.world, self.on(on)
        known = world.knows().all(model.Term)
        chosen = known[which % len(known)]
        world.act(
            f"{chosen.id} is ended on day {world.date(when)}",
            lambda uow: offices.end_office(uow, world.id(chosen.id), ended_on=when, reason="Why"),
            lambda _: [Ends(world.today, chosen.id, when)],
        )

    def change_office(self, body: str, post: str, person: str, start: int) -> None:
        world, when = self.world, self.on(start)
        term = f"term {len(world.facts)}"

        def facts(made: Any) -> list[Fact]:
            back = self._acting_chair_steps_back(body, post, when)
            gone = Ends(world.today, world.names[str(made.ended)], when)
            return [
                *back,
                gone,
                model.Term(world.today, world.call(term, made.term_id), when, None, body, post, person),
            ]

        world.act(
            f"{person} follows as {post} of {body} on day {world.date(when)} ({term})",
            lambda uow: offices.change_office(
                uow, world.id(body), post=post, person_id=world.id(person), from_date=when, route="ballot"
            ),
            facts,
        )

    def _acting_chair_steps_back(self, body: str, post: str, when: date) -> list[Fact]:
        """Whoever acts as chair stops on the day on which there is a chair."""
        if post != "chair":
            return []
        acting = [
            each
            for each in self.world.knows().held(model.Term, when)
            if (each.body, each.post) == (body, "acting-chair")
        ]
        return [Ends(self.world.today, each.id, when) for each in acting if each.start < when]

    def move_head(self, person: str, name: str, on: int) -> None:
        world, when = self.world, self.on(on)

        def facts(moved: Any) -> list[Fact]:
            """What she was to head from that day on, she doesn't; the school that she leaves, she leaves that day."""
            known = world.knows()
            hers = [each for each in known.all(model.Headship) if each.person == person]
            until = {each.id: known.ends.get(each.id, each.until) for each in hers}
            ends: list[Fact] = [Ends(world.today, each.id, each.start) for each in hers if each.start >= when]
            for each in hers:
                end = until[each.id]
                if each.urn == world.named(moved.from_urn) and each.start < when and (end is None or end > when):
                    ends.append(Ends(world.today, each.id, when))
            return [*ends, model.Headship(world.today, f"headship {len(world.facts)}", when, None, name, person)]

        world.act(
            f"{person} heads {name} from day {world.date(when)}",
            lambda uow: appointments.move_head(uow, world.id(person), to_urn=world.urn(name), on=when),
            facts,
        )

    # -- schools, bodies and trusts --

    def close(self, on: int) -> None:
        """A later edition of the register has p1 as closed from a day on."""
        world, when = self.world, self.on(on)
        closed = world.listing("p1", Status.CLOSED, closed_on=when)
        world.act(
            f"p1 is listed as closed on day {world.date(when)}",
            lambda uow: keep_schools(uow, [closed]),
            lambda _: [model.School(world.today, "p1", "W", TYPES["p1"], closed=when, status="closed")],
            since_the_beginning=True,
        )

    def open_again(self) -> None:
        world = self.world
        opened = world.listing("p1", Status.OPEN)
        world.act(
            "p1 is listed as open",
            lambda uow: keep_schools(uow, [opened]),
            lambda _: [model.School(world.today, "p1", "W", TYPES["p1"])],
            since_the_beginning=True,
        )

    def name_trust(self, trust: str, edition: int, since: int | None) -> None:
        """An edition of an earlier day, or of today, has a trust for a1: since some day, or without one."""
        world, as_at, joined = self.world, self.on(-edition), None if since is None else self.on(since)
        said = Listing(
            world.urn("a1"), Source.GROUP_LINKS, as_at, part=trust, trust_id=world.trust(trust), trust_name=trust,
            joined_on=joined,
        )  # fmt: skip
        world.act(
            f"an edition of day {world.date(as_at)} has a1 in {trust} since day {world.date(joined)}",
            lambda uow: keep_schools(uow, [said]),
            lambda _: [model.InTrust(world.today, "a1", trust, as_at, joined)],
            since_the_beginning=True,
        )

    def join(self, start: int, lasts: int | None) -> None:
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts) if lasts else None
        body, place = self._body_of_m3(), f"place {len(world.facts)}"
        world.act(
            f"m3 joins {body} from day {world.date(when)} until {world.date(until)}",
            lambda uow: places.join(uow, world.id(body), world.urn("m3"), from_date=when, until=until, by="officer"),
            lambda taken: [model.Member(world.today, place, when, until, body, "m3")] if taken.changed else [],
        )

    def leave(self, on: int) -> None:
        world, when, body = self.world, self.on(on), self._body_of_m3()

        def facts(taken: Any) -> list[Fact]:
            known = world.knows()
            mine = [each for each in known.all(model.Member) if each.urn == "m3"]
            planned = [Ends(world.today, each.id, each.start) for each in mine if each.start >= when]
            running = [
                each for each in mine if each.start < when and (known.ends.get(each.id, each.until) or date.max) > when
            ]
            return [*planned, *(Ends(world.today, each.id, when) for each in running)] if taken.changed else []

        world.act(
            f"m3 leaves {body} on day {world.date(when)}",
            lambda uow: places.leave(uow, world.id(body), world.urn("m3"), left_on=when),
            facts,
        )

    def _body_of_m3(self) -> str:
        """It is in one body at a time: where it was ever in A, in A; else in B."""
        known = self.world.knows()
        mine = [each for each in known.all(model.Member) if each.urn == "m3"]
        there = [each.body for each in mine if known.ends.get(each.id, each.until) != each.start]
        return there[-1] if there else "B"

    def appoint_contact(self, person: str, start: int, lasts: int) -> None:
        """The trust of a1 has a School Improvement Partner for some days."""
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts)
        post = "school-improvement-partner"
        contact = TrustContact(world.trust("T"), post, world.id(person), when, until)
        world.act(
            f"{person} is the trust's {post} from day {world.date(when)} until {world.date(until)}",
            lambda uow: take_on(uow, TakenOn(authority=world.authority, trust_contacts=[contact])),
            lambda taken: (
                [model.Contact(world.today, f"partner {len(world.facts)}", when, until, "T", post, person)]
                if taken.trust_contacts
                else []
            ),
        )
