"""A later part of a take-on: what stood before and is sent now. It is news like any other change."""

from services.membership.domain.appointment import Allocation, Headship
from services.membership.domain.body import Membership
from services.membership.domain.office import Term
from services.membership.use_cases.take_on import Taken, TakenOn, take_on
from shared.messaging.cause import new_id
from tests.bitemporal import model
from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Fact
from tests.bitemporal.telling_facts import OfHeads


class TakingOn(Acting):
    def take_on_later(
        self, parts: set[str], body: str, post: str, person: str, name: str, start: int, lead: bool
    ) -> None:
        world, when = self.world, self.on(start)
        if world.knows().closes(body) is not None:
            return  # what is taken on into a body that closes is passed over from then on, and told to run on
        number = len(world.facts)
        head = Headship(world.id(person), world.urn(name), when, None)
        term = Term(new_id(), new_id(), world.id(body), post, world.id(person), when, None, "taken-on")
        leader = Allocation(new_id(), world.urn(name), world.id(person), when, None)
        place = Membership(world.id(body), world.urn("m3"), when, None, lead)

        def facts(taken: Taken) -> list[Fact]:
            there = {each.body for each in world.knows().held(model.Member, when) if each.urn == "m3"}
            held: dict[str, Fact] = {
                "office": model.Term(
                    world.today, world.call(f"term {number}", term.term_id), when, None, body, post, person
                ),
                "head": model.Headship(world.today, f"headship {number}", when, None, name, person, moved=False),
                "leader": model.Allocation(
                    world.today, world.call(f"allocation {number}", leader.allocation_id), when, None, name, person
                ),
                "place": model.Member(world.today, f"place {number}", when, None, body, "m3"),
            }
            leads = body if lead else next(iter(there), None)
            new = parts - {"place"} if not taken.memberships else parts  # a place that is there already stays as it is
            named = [model.LeadNamed(world.today, "m3", leads, when)] if there and leads and "place" in new else []
            return [*(held[part] for part in sorted(new)), *named]

        world.act(
            f"taken on: {person} on day {world.date(when)} as {', '.join(sorted(parts))}: {post} of {body}, for {name}; "
            f"m3 in {body}, {'which leads' if lead else 'which does not lead'} ({number})",
            lambda uow: take_on(
                uow,
                TakenOn(
                    authority=world.authority,
                    headships=[head] if "head" in parts else [],
                    terms=[term] if "office" in parts else [],
                    allocations=[leader] if "leader" in parts else [],
                    memberships=[place] if "place" in parts else [],
                ),
            ),
            facts,
            heads=OfHeads({person} if "head" in parts else (), when, due_first=False),
        )
