"""Each step is an act or a passing of days; hypothesis chooses which, and with what."""

import itertools
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.bitemporal import checks, checks_calls
from tests.bitemporal.closings import ClosingRules
from tests.bitemporal.contacts import ContactRules
from tests.bitemporal.heads import HeadRules
from tests.bitemporal.model import MATTERS
from tests.bitemporal.officers import Officers
from tests.bitemporal.put_right import PutRightRules
from tests.bitemporal.steps import inherits
from tests.bitemporal.steps_calls import CallSteps
from tests.bitemporal.steps_council import CouncilSteps
from tests.bitemporal.steps_meeting import FILES, HELD_BACK, PLANS, PUTS_RIGHT, MeetingSteps, some_of
from tests.bitemporal.steps_ofsted import OfstedSteps
from tests.bitemporal.steps_people import PeopleSteps
from tests.bitemporal.steps_register import RegisterSteps
from tests.bitemporal.steps_schools import SchoolSteps
from tests.bitemporal.world import BODIES, PEOPLE, SCHOOLS, World, day


class AnyOrder(
    OfstedSteps, CouncilSteps, PeopleSteps, SchoolSteps, RegisterSteps, ClosingRules, ContactRules, HeadRules,
    PutRightRules, CallSteps, MeetingSteps, RuleBasedStateMachine,
):  # fmt: skip
    """Each step is an act or a passing of days; the next act may come before the day's turn is done."""

    make: Callable[[], World]

    @initialize(
        category=st.sampled_from(["ofsted", "ofsted", "propose"]),
        inherit=inherits,
        first=st.sampled_from(["files", "files", "rights", "nothing"]),
        plans=some_of(PLANS),
        files=some_of(FILES),
        held_back=st.sampled_from(sorted(HELD_BACK)),
        rights=some_of(PUTS_RIGHT),
        name=st.sampled_from(["m1", "m2", "m3"]),
        persons=st.permutations(PEOPLE),
        called=st.booleans(),
    )
    def begin(
        self,
        category: str,
        inherit: str,
        first: str,
        plans: list[str],
        files: list[str],
        held_back: str,
        rights: list[str],
        name: str,
        persons: list[str],
        called: bool,
    ) -> None:
        """Most begin with things that have to meet in a run, and seldom would: hypothesis leaves many steps out of each."""
        self.world = type(self).make()
        self.world.begin()
        self.acts = Officers(self.world)
        self.acts.adopt_category(category, inherit, 0)
        self.check()
        if first == "files":
            self.files_come_between_an_act_and_its_day(plans, files, name, persons, 2, 1, called)
        elif first == "rights":
            self.things_are_put_right_while_something_is_held_back(
                held_back, rights, name, persons[0], 1, 1, called, False
            )

    def check(self) -> None:
        self.world.settle()
        wrong = checks.now(self.world) + checks_calls.calls(self.world)
        assert not wrong, self.world.tell(wrong)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            world = self.world
            self.check()  # days may have passed whose turn is not done
            wrong = checks.everything(world)
            middle = world.today - (world.today - day(0)) // 2
            asked = (day(1), middle, world.today, world.today + (day(3) - day(0)))
            for number, name in enumerate(SCHOOLS, world.number):  # one of eight questions about each
                matter, on = [*itertools.product(MATTERS, asked)][number % 8]
                wrong += checks.by_asking(world, name, matter, on)
            for (body, on), asked_by in zip(
                itertools.product(BODIES, asked), itertools.cycle([None, "ann", "bea"]), strict=False
            ):
                wrong += checks.contact_by_asking(world, body, on, asked_by)
            assert not wrong, world.tell(wrong)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.days_go_by(days)

    @precondition(lambda self: self.world.today == self.world.turned_to)
    @rule(days=st.integers(1, 3), timer=st.booleans())
    def days_pass_and_somebody_acts_before_the_turn(self, days: int, timer: bool) -> None:
        self.acts.clock(days)
        if timer:
            self.acts.watch_looks()
