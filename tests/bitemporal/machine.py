"""Each step is an act or a passing of days; hypothesis chooses which, and with what."""

import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.bitemporal import checks
from tests.bitemporal.closings import ClosingRules
from tests.bitemporal.facts import Allocation, Entry, Fact, Outcome, Override
from tests.bitemporal.model import MATTERS
from tests.bitemporal.officers import Officers
from tests.bitemporal.put_right import PutRightRules
from tests.bitemporal.world import BODIES, PEOPLE, SCHOOLS, World, day

schools = st.sampled_from(SCHOOLS)
people = st.sampled_from(PEOPLE)
near = st.integers(-6, 5)  # days from today
late = st.integers(0, 8)
spans = st.none() | st.integers(1, 6)
ends = st.none() | st.integers(0, 6)  # as it was; none; or after so many days
any_of_them = st.integers(0, 30)
kinds = st.sampled_from(["graded", "graded", "graded", "ungraded"])
inherits = st.sampled_from(["converters", "always", "never"])
bodies = st.sampled_from(list(BODIES))
posts = st.sampled_from(["chair", "deputy", "acting-chair"])
grades = st.fixed_dictionaries(
    {},
    optional={
        "headline": st.integers(1, 4),
        "concern": st.sampled_from(["SM", "RSI"]),
        "quality": st.integers(1, 4),
        "leadership": st.integers(1, 4),
        "safe": st.booleans(),
    },
)


def there_is(*kinds: type[Fact]) -> Callable[[Any], Any]:
    """Nobody corrects or ends what isn't there."""
    return precondition(lambda self: any(self.world.knows().all(kind) for kind in kinds))


class AnyOrder(ClosingRules, PutRightRules, RuleBasedStateMachine):
    """Each step is an act or a passing of days; the next act may come before the day's turn is done."""

    make: Callable[[], World]

    @initialize(category=st.sampled_from(["ofsted", "ofsted", "propose"]), inherit=inherits)
    def begin(self, category: str, inherit: str) -> None:
        self.world = type(self).make()
        self.world.begin()
        self.acts = Officers(self.world)
        self.acts.adopt_category(category, inherit, 0)
        self.check()

    def check(self) -> None:
        self.world.settle()
        wrong = checks.now(self.world)
        assert not wrong, self.world.tell(wrong)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            world = self.world
            self.check()  # days may have passed whose turn is not done
            wrong = checks.everything(world)
            middle = world.today - (world.today - day(0)) // 2
            for number, name in enumerate(SCHOOLS, world.number):  # one of four questions about each
                matter, on = [*itertools.product(MATTERS, (day(1), middle))][number % 4]
                wrong += checks.by_asking(world, name, matter, on)
            assert not wrong, world.tell(wrong)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.acts.clock(days)
        self.check()

    @precondition(lambda self: self.world.today == self.world.turned_to)
    @rule(days=st.integers(1, 3))
    def days_pass_and_somebody_acts_before_the_turn(self, days: int) -> None:
        self.acts.clock(days)

    # -- Ofsted --

    @rule(
        name=schools,
        published=late,
        inspected=st.integers(0, 20),
        grades=grades,
        kind=kinds,
    )
    def published(self, name: str, published: int, inspected: int, grades: dict[str, Any], kind: str) -> None:
        self.acts.publish(name, published, inspected, grades, kind)
        self.check()

    @there_is(Outcome)
    @rule(which=any_of_them, name=st.none() | schools, published=late, grades=grades, source=late)
    def corrected(self, which: int, name: str | None, published: int, grades: dict[str, Any], source: int) -> None:
        self.acts.correct(which, name, published, grades, source)
        self.check()

    @there_is(Outcome)
    @rule(which=any_of_them)
    def withdrawn(self, which: int) -> None:
        self.acts.withdraw(which)
        self.check()

    @there_is(Outcome)
    @rule(which=any_of_them)
    def believed_again(self, which: int) -> None:
        self.acts.believe(which)
        self.check()

    @there_is(Outcome)
    @rule(which=st.lists(any_of_them, min_size=1, max_size=4), source=late)
    def listed_again_in_a_file(self, which: list[int], source: int) -> None:
        self.acts.list_again(which, source)
        self.check()

    # -- the authority --

    @rule(name=schools, category=st.integers(1, 4), start=near, review=st.none() | st.integers(1, 8))
    def entry_set(self, name: str, category: int, start: int, review: int | None) -> None:
        self.acts.set_entry(name, category, start, review)
        self.check()

    @there_is(Entry)
    @rule(name=schools, on=near)
    def entries_lifted(self, name: str, on: int) -> None:
        self.acts.lift(name, on)
        self.check()

    @there_is(Entry)
    @rule(which=any_of_them)
    def entry_withdrawn(self, which: int) -> None:
        self.acts.withdraw_entry(which)
        self.check()

    @there_is(Entry)
    @rule(which=any_of_them, review=st.integers(0, 6))
    def entry_kept(self, which: int, review: int) -> None:
        self.acts.keep_entry(which, review)
        self.check()

    @precondition(lambda self: self.world.expected.proposed)
    @rule(which=any_of_them, confirm=st.booleans(), ahead=st.integers(0, 3))
    def proposal_answered(self, which: int, confirm: bool, ahead: int) -> None:
        self.acts.answer_proposal(which, confirm, ahead)
        self.check()

    @rule(
        name=schools,
        matter=st.sampled_from(["general", "inspection", "both"]),
        person=st.none() | people,
        start=st.integers(0, 4),
        lasts=st.integers(1, 6),
        told=st.booleans(),
    )
    def overridden(self, name: str, matter: str, person: str | None, start: int, lasts: int, told: bool) -> None:
        self.acts.override(name, matter, person, start, lasts)
        self.check()
        if told:
            self.acts.tell_school(name, self.world.today)
            self.check()

    @there_is(Override)
    @rule(which=any_of_them, on=st.integers(0, 4))
    def override_ended(self, which: int, on: int) -> None:
        self.acts.end_override(which, on)
        self.check()

    @there_is(Entry, Allocation, Override)
    @rule(name=schools, which=any_of_them, ago=st.integers(0, 4))
    def school_told(self, name: str, which: int, ago: int) -> None:
        self.acts.tell_a_school(name, which, ago)
        self.check()

    @rule(kind=st.sampled_from(["warwickshire", "bristol", "duty-desk-only"]), ahead=st.integers(0, 4))
    def routing_policy_adopted(self, kind: str, ahead: int) -> None:
        self.acts.adopt_routing(kind, ahead)
        self.check()

    @rule(
        name=st.sampled_from(["ofsted", "la", "propose", "propose"]),
        inherit=inherits,
        ahead=st.integers(0, 4),
    )
    def category_policy_adopted(self, name: str, inherit: str, ahead: int) -> None:
        self.acts.adopt_category(name, inherit, ahead)
        self.check()

    # -- people in places --

    @rule(name=st.sampled_from(["m1", "m2", "m3", "a1"]), person=people, start=near, lasts=spans)
    def allocated(self, name: str, person: str, start: int, lasts: int | None) -> None:
        self.acts.allocate(name, person, start, lasts)
        self.check()

    @there_is(Allocation)
    @rule(which=any_of_them, on=near)
    def allocation_ended(self, which: int, on: int) -> None:
        self.acts.end_allocation(which, on)
        self.check()

    @rule(
        body=bodies,
        post=posts,
        person=people,
        start=near,
        lasts=spans,
    )
    def office_taken_up(self, body: str, post: str, person: str, start: int, lasts: int | None) -> None:
        self.acts.take_up(body, post, person, start, lasts)
        self.check()

    @rule(which=any_of_them, on=near)
    def office_ended(self, which: int, on: int) -> None:
        self.acts.end_office(which, on)
        self.check()

    @rule(body=bodies, post=st.sampled_from(["chair", "deputy"]), person=people, start=near)
    def office_changes_hands(self, body: str, post: str, person: str, start: int) -> None:
        self.acts.change_office(body, post, person, start)
        self.check()

    @rule(person=people, name=st.sampled_from(["m1", "m2", "m3", "a1"]), on=near)
    def head_moves(self, person: str, name: str, on: int) -> None:
        self.acts.move_head(person, name, on)
        self.check()

    # -- one after the other, since chance would seldom have it so --

    @rule(name=schools, published=late, grades=grades, confirm=st.booleans(), ahead=st.integers(0, 3))
    def published_and_answered(
        self, name: str, published: int, grades: dict[str, Any], confirm: bool, ahead: int
    ) -> None:
        self.acts.publish(name, published, 0, grades, "graded")
        self.check()
        asked = sorted(self.world.expected.proposed)
        if name in asked:
            self.acts.answer_proposal(asked.index(name), confirm, ahead)
            self.check()

    @rule(name=st.sampled_from(["m1", "m2", "m3"]), person=people, planned=st.integers(1, 4), start=near, lasts=ends)
    def allocated_and_corrected(self, name: str, person: str, planned: int, start: int, lasts: int | None) -> None:
        self.acts.allocate(name, person, planned, None)
        self.check()
        self.acts.correct_allocation(-1, None, start, lasts)
        self.check()

    @rule(name=schools, category=st.integers(1, 4), days=st.integers(1, 3))
    def entry_set_told_and_withdrawn(self, name: str, category: int, days: int) -> None:
        self.acts.set_entry(name, category, 0, days)
        self.check()
        self.acts.tell_school(name, self.world.today)
        self.acts.clock(days)
        self.check()
        self.acts.withdraw_entry(-1)
        self.check()

    # -- what had been entered wrongly --

    @rule(which=any_of_them, person=st.none() | people, start=st.none() | near, lasts=ends)
    def office_corrected(self, which: int, person: str | None, start: int | None, lasts: int | None) -> None:
        self.acts.correct_office(which, person, start, lasts)
        self.check()

    @rule(which=any_of_them)
    def office_withdrawn(self, which: int) -> None:
        self.acts.withdraw_office(which)
        self.check()

    @there_is(Allocation)
    @rule(which=any_of_them, person=st.none() | people, start=st.none() | near, lasts=ends)
    def allocation_corrected(self, which: int, person: str | None, start: int | None, lasts: int | None) -> None:
        self.acts.correct_allocation(which, person, start, lasts)
        self.check()

    @there_is(Allocation)
    @rule(which=any_of_them)
    def allocation_withdrawn(self, which: int) -> None:
        self.acts.withdraw_allocation(which)
        self.check()

    @rule(
        which=any_of_them,
        body=st.none() | bodies,
        start=st.none() | near,
        lasts=ends,
        withdrawn=st.booleans(),
    )
    def place_corrected(
        self, which: int, body: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        self.acts.correct_place(which, body, start, lasts, withdrawn)
        self.check()

    # -- schools, bodies and trusts --

    @rule(merged=st.booleans(), edition=late)
    def linked(self, merged: bool, edition: int) -> None:
        self.acts.link(merged, edition)
        self.check()

    @rule(on=near)
    def school_closes(self, on: int) -> None:
        self.acts.close(on)
        self.check()

    @precondition(lambda self: self.world.knows().school("p1").status == "closed")
    @rule()
    def school_opens_again(self) -> None:
        self.acts.open_again()
        self.check()

    @rule(trust=st.sampled_from(["T", "U"]), edition=late, since=st.none() | near)
    def trust_named(self, trust: str, edition: int, since: int | None) -> None:
        self.acts.name_trust(trust, edition, since)
        self.check()

    @rule(body=bodies, start=near, lasts=spans, lead=st.none() | st.booleans())
    def school_joins(self, body: str, start: int, lasts: int | None, lead: bool | None) -> None:
        self.acts.join(body, start, lasts, lead)
        self.check()

    @rule(body=bodies, on=near)
    def school_leaves(self, body: str, on: int) -> None:
        self.acts.leave(body, on)
        self.check()

    @rule(body=bodies, on=near)
    def lead_body_named(self, body: str, on: int) -> None:
        self.acts.name_lead(body, on)
        self.check()

    @rule(body=bodies, joins=near, later=near, lasts=spans, named=near)
    def school_in_both_bodies(self, body: str, joins: int, later: int, lasts: int | None, named: int) -> None:
        other = next(each for each in BODIES if each != body)
        self.acts.join(other, joins, None)
        self.acts.join(body, later, lasts)
        self.check()
        self.acts.name_lead("A", named)
        self.check()

    @rule(
        parts=st.sets(st.sampled_from(["office", "head", "leader", "place"]), min_size=1),
        body=bodies,
        post=posts,
        person=people,
        name=schools,
        start=near,
        lead=st.booleans(),
    )
    def part_taken_on_later(
        self, parts: set[str], body: str, post: str, person: str, name: str, start: int, lead: bool
    ) -> None:
        self.acts.take_on_later(parts, body, post, person, name, start, lead)
        self.check()

    @rule(person=people, start=st.integers(0, 4), lasts=st.integers(1, 6))
    def trust_contact_appointed(self, person: str, start: int, lasts: int) -> None:
        self.acts.appoint_contact(person, start, lasts)
        self.check()
