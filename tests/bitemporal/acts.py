"""Each thing that somebody may do: to the product, and as facts for the model. Here what the authority decides."""

from datetime import date, timedelta

from services.membership.domain.category import Inherit
from services.membership.use_cases import la_category, policies
from services.membership.use_cases.policies import PolicyAdopted
from tests.bitemporal import model
from tests.bitemporal.closings import Closings
from tests.bitemporal.contacts import Contacts
from tests.bitemporal.heads import Heads
from tests.bitemporal.model import Ends, Fact
from tests.bitemporal.ofsted import Ofsted
from tests.bitemporal.places import Places
from tests.bitemporal.put_right import PutRight
from tests.bitemporal.registers import Registers
from tests.bitemporal.taking_on import TakingOn

OFFICER = {"reason": "Why", "adopted_by": "officer"}


class Acts(Closings, Contacts, Heads, Ofsted, Places, PutRight, Registers, TakingOn):
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
        world.act(
            f"the entries of {name} are lifted on day {world.date(when)}",
            lambda uow: la_category.lift_la_category(
                uow, world.urn(name), lifted_on=when, reason="Over", lifted_by="officer"
            ),
            lambda lifted: [Ends(world.today, world.names[str(each)], when) for each in lifted.entry_ids],
        )

    def tell_a_school(self, name: str, which: int, ago: int) -> None:
        """Most often one that has something to be told: today, or on an earlier day, and it is entered late."""
        world = self.world
        names = [*sorted(world.expected.held), name]
        name = names[which % len(names)]
        first = min(world.expected.held.get(name, {world.today}))
        self.tell_school(name, world.today - timedelta(days=ago % ((world.today - first).days + 1)))

    def tell_school(self, name: str, on: date) -> None:
        world = self.world
        world.act(
            f"{name} was told on day {world.date(on)}",
            lambda uow: la_category.record_school_told(uow, world.urn(name), told_on=on, told_by="officer"),
            lambda _: [],
            comes=("told", name),
        )
        world.expected.school_told(name, on)

    def adopt_routing(self, policy: str, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        world.act(
            f"routing by {policy} from day {world.date(when)}",
            lambda uow: policies.adopt_routing_policy(
                uow, world.authority, name=policy, from_date=when, settings={}, **OFFICER
            ),
            lambda made: self._adopted(made, model.Policy(world.today, "W", "routing", policy, when)),
        )

    def adopt_category(self, policy: str, inherit: str, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        world.act(
            f"categories by {policy}, inherit {inherit}, from day {world.date(when)}",
            lambda uow: policies.adopt_category_policy(
                uow, world.authority, name=policy, from_date=when, inherit=Inherit(inherit), **OFFICER
            ),
            lambda made: self._adopted(made, model.Policy(world.today, "W", "category", policy, when, inherit)),
        )

    def _adopted(self, made: PolicyAdopted, policy: model.Policy) -> list[Fact]:
        """What applies already is adopted a second time by nobody."""
        if made.version is None:
            return []
        self.world.versions[policy.kind, made.version] = len(self.world.knows().adopted("W", policy.kind))
        return [policy]
