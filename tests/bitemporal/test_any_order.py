"""Any sequence of facts, corrections and files ends in the state of the plain model: on every day, as known on every day.

`CONSORTIA_EXAMPLES=1000` for a long run. A failing sequence is printed as the list of what was done, day by day.
"""

import asyncio
import itertools
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from shared.store import Store
from tests.bitemporal import checks
from tests.bitemporal.acts import Acts
from tests.bitemporal.model import MATTERS
from tests.bitemporal.world import BODIES, PEOPLE, SCHOOLS, World, day

EXAMPLES = int(os.environ.get("CONSORTIA_EXAMPLES", "15"))
SEED = int(os.environ.get("CONSORTIA_SEED", "2006"))
STEPS = 25
# What was done is printed as it was; `CONSORTIA_SHRINK=1` looks for a shorter way to the same failure, for minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CONSORTIA_SHRINK") else (Phase.generate,)

pytestmark = pytest.mark.timeout(7200)

schools = st.sampled_from(SCHOOLS)
people = st.sampled_from(PEOPLE)
near = st.integers(-6, 5)  # days from today
late = st.integers(0, 8)
spans = st.none() | st.integers(1, 6)
any_of_them = st.integers(0, 30)
kinds = st.sampled_from(["graded", "graded", "graded", "ungraded"])
inherits = st.sampled_from(["converters", "always", "never"])
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


class AnyOrder(RuleBasedStateMachine):
    """Each step is an act or a passing of days; the next act may come before the day's turn is done."""

    make: Callable[[], World]

    @initialize()
    def begin(self) -> None:
        self.world = type(self).make()
        self.world.begin()
        self.acts = Acts(self.world)
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
            asked = itertools.product(SCHOOLS, MATTERS, (day(1), world.today - (world.today - day(0)) // 2))
            wrong += [each for name, matter, on in asked for each in checks.by_asking(world, name, matter, on)]
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

    @rule(which=any_of_them, name=st.none() | schools, published=late, grades=grades, source=late)
    def corrected(self, which: int, name: str | None, published: int, grades: dict[str, Any], source: int) -> None:
        self.acts.correct(which, name, published, grades, source)
        self.check()

    @rule(which=any_of_them)
    def withdrawn(self, which: int) -> None:
        self.acts.withdraw(which)
        self.check()

    @rule(which=any_of_them)
    def believed_again(self, which: int) -> None:
        self.acts.believe(which)
        self.check()

    @rule(which=st.lists(any_of_them, min_size=1, max_size=4), source=late)
    def listed_again_in_a_file(self, which: list[int], source: int) -> None:
        self.acts.list_again(which, source)
        self.check()

    # -- the authority --

    @rule(name=schools, category=st.integers(1, 4), start=near)
    def entry_set(self, name: str, category: int, start: int) -> None:
        self.acts.set_entry(name, category, start)
        self.check()

    @rule(name=schools, on=near)
    def entries_lifted(self, name: str, on: int) -> None:
        self.acts.lift(name, on)
        self.check()

    @rule(name=schools)
    def school_told(self, name: str) -> None:
        self.acts.tell_school(name)
        self.check()

    @rule(kind=st.sampled_from(["warwickshire", "bristol", "duty-desk-only"]), ahead=st.integers(0, 4))
    def routing_policy_adopted(self, kind: str, ahead: int) -> None:
        self.acts.adopt_routing(kind, ahead)
        self.check()

    @rule(
        name=st.sampled_from(["ofsted", "ofsted", "la"]),
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

    @rule(which=any_of_them, on=near)
    def allocation_ended(self, which: int, on: int) -> None:
        self.acts.end_allocation(which, on)
        self.check()

    @rule(
        body=st.sampled_from(BODIES),
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

    @rule(body=st.sampled_from(BODIES), post=st.sampled_from(["chair", "deputy"]), person=people, start=near)
    def office_changes_hands(self, body: str, post: str, person: str, start: int) -> None:
        self.acts.change_office(body, post, person, start)
        self.check()

    @rule(person=people, name=st.sampled_from(["m1", "m2", "m3", "a1"]), on=near)
    def head_moves(self, person: str, name: str, on: int) -> None:
        self.acts.move_head(person, name, on)
        self.check()

    # -- schools, bodies and trusts --

    @rule(on=near)
    def school_closes(self, on: int) -> None:
        self.acts.close(on)
        self.check()

    @rule()
    def school_opens_again(self) -> None:
        self.acts.open_again()
        self.check()

    @rule(trust=st.sampled_from(["T", "U"]), edition=late, since=st.none() | near)
    def trust_named(self, trust: str, edition: int, since: int | None) -> None:
        self.acts.name_trust(trust, edition, since)
        self.check()

    @rule(start=near, lasts=spans)
    def school_joins(self, start: int, lasts: int | None) -> None:
        self.acts.join(start, lasts)
        self.check()

    @rule(on=near)
    def school_leaves(self, on: int) -> None:
        self.acts.leave(on)
        self.check()

    @rule(person=people, start=st.integers(0, 4), lasts=st.integers(1, 6))
    def trust_contact_appointed(self, person: str, start: int, lasts: int) -> None:
        self.acts.appoint_contact(person, start, lasts)
        self.check()


@pytest.fixture
def worlds(database: Callable[[str], Any]) -> Any:
    """Makes one small authority after another, in one database."""
    numbers = itertools.count(1)
    with asyncio.Runner() as runner:

        async def make_store() -> Store:
            store = Store(database("membership").app_url, service="membership")
            store.relay_is_here = True
            return store

        store = runner.run(make_store())
        yield partial(_world, store, numbers, runner)
        runner.run(store.close())


def _world(store: Store, numbers: Any, runner: asyncio.Runner) -> World:
    world = World(store, next(numbers), runner)
    # What an earlier world had planned is no business of this one, whose days begin at the same date.
    world.run(lambda uow: uow.execute("update due set done_at = now() where done_at is null"))
    world.run(lambda uow: uow.execute("update representation set next_due = null where next_due is not null"))
    return world


def test_any_sequence_of_facts_gives_the_answers_and_events_of_the_plain_model(worlds: Callable[[], World]) -> None:
    """R0.1, R0.3, R0.4, W-17, W-18, W-19, W-20, D3.10, I12"""

    class Here(AnyOrder):
        make = staticmethod(worlds)

    run_state_machine_as_test(
        seed(SEED)(Here),
        settings=settings(
            deadline=None,
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            database=None,
            report_multiple_bugs=False,
            phases=PHASES,
        ),
    )
