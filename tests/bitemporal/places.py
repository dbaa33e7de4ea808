"""Who holds which place: offices, allocations, headships; schools in bodies and trusts. To the product, and as facts."""

from datetime import date, timedelta
from typing import Any

from services.membership.domain.appointment import TrustContact
from services.membership.domain.listing import Listing, Source
from services.membership.use_cases import appointments, offices, places
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from tests.bitemporal import model
from tests.bitemporal.made_room import MadeRoom
from tests.bitemporal.model import Ends, Fact


class Places(MadeRoom):
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
        known = self.there(model.Allocation)
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
            back = self._acting_chair_steps_back(body, post, when, term)
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

        def facts(_: Any) -> list[Fact]:
            self.ends_as_was_said(chosen.id)
            return [Ends(world.today, chosen.id, when)]

        world.act(
            f"{chosen.id} is ended on day {world.date(when)}",
            lambda uow: offices.end_office(uow, world.id(chosen.id), ended_on=when, reason="Why"),
            facts,
        )

    def change_office(self, body: str, post: str, person: str, start: int) -> None:
        world, when = self.world, self.on(start)
        term = f"term {len(world.facts)}"

        def facts(made: Any) -> list[Fact]:
            back = self._acting_chair_steps_back(body, post, when, term)
            gone = Ends(world.today, world.names[str(made.ended)], when)
            self.makes_room(gone.which, term)
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

    def _acting_chair_steps_back(self, body: str, post: str, when: date, chair: str) -> list[Fact]:
        """Whoever acts as chair stops on the day on which there is a chair."""
        if post != "chair":
            return []
        acting = [
            each
            for each in self.world.knows().held(model.Term, when)
            if (each.body, each.post) == (body, "acting-chair")
        ]
        stepping_back = [each.id for each in acting if each.start < when]
        for each in stepping_back:
            self.makes_room(each, chair)
        return [Ends(self.world.today, each, when) for each in stepping_back]

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
            left = world.named(moved.from_urn)
            number = f"headship {len(world.facts)}"
            return [*ends, model.Headship(world.today, number, when, None, name, person, left=left)]

        world.act(
            f"{person} heads {name} from day {world.date(when)}",
            lambda uow: appointments.move_head(uow, world.id(person), to_urn=world.urn(name), on=when),
            facts,
        )

    # -- schools, bodies and trusts --

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

    def join(self, body: str, start: int, lasts: int | None, lead: bool | None = None, name: str = "m3") -> None:
        """It joins a body, whether or not it is in the other; an officer may say which of them leads from that day."""
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts) if lasts else None
        place = f"place {len(world.facts)}"

        def facts(_: Any) -> list[Fact]:
            there = {each.body for each in world.knows().held(model.Member, when) if each.urn == name}
            leads = body if lead else next(iter(there - {body}), None) if lead is False else None
            new = [model.Member(world.today, place, when, until, body, name)] if body not in there else []
            return [*new, *([model.LeadNamed(world.today, name, leads, when)] if leads else [])]

        said = {None: "", True: ", to be led by it", False: ", to be led by the other"}[lead]
        world.act(
            f"{name} joins {body} from day {world.date(when)} until {world.date(until)}{said} ({place})",
            lambda uow: places.join(
                uow, world.id(body), world.urn(name), from_date=when, until=until, lead=lead, by="officer"
            ),
            facts,
        )

    def leave(self, body: str, on: int, name: str = "m3") -> None:
        world, when = self.world, self.on(on)

        def facts(taken: Any) -> list[Fact]:
            known = world.knows()
            mine = [each for each in known.all(model.Member) if (each.urn, each.body) == (name, body)]
            planned = [Ends(world.today, each.id, each.start) for each in mine if each.start >= when]
            running = [
                each for each in mine if each.start < when and (known.ends.get(each.id, each.until) or date.max) > when
            ]
            return [*planned, *(Ends(world.today, each.id, when) for each in running)] if taken.changed else []

        world.act(
            f"{name} leaves {body} on day {world.date(when)}",
            lambda uow: places.leave(uow, world.id(body), world.urn(name), left_on=when),
            facts,
        )

    def name_lead(self, body: str, on: int, name: str = "m3") -> None:
        world, when = self.world, self.on(on)
        world.act(
            f"{body} leads {name} from day {world.date(when)}",
            lambda uow: places.name_lead_body(uow, world.urn(name), world.id(body), from_date=when, named_by="officer"),
            lambda _: [model.LeadNamed(world.today, name, body, when)],
        )

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
