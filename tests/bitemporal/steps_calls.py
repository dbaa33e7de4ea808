"""Steps of inspection calls (W-16): who has one, who answers, and what may change while somebody is asked."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.bitemporal.officers import Officers
from tests.bitemporal.steps import Steps, any_of_them, people, schools
from tests.bitemporal.world import OPENS, PEOPLE

inspected = st.sampled_from(["m1", "m2", "m2", "m3", "a1", "a1"])
says = st.sampled_from(["cannot", "cannot", "accept", "nothing"])
there_is_a_call = precondition(lambda self: self.world.expected.open_calls())

# Whatever may change who speaks for a school while somebody is asked about it. Of each: by whom.
Change = Callable[[Officers, str, str], object]
CHANGES: dict[str, Change] = {
    "an entry": lambda acts, name, _: acts.set_entry(name, 4, 0, None),
    "an entry to come": lambda acts, name, _: acts.set_entry(name, 3, 1, None),
    "entries lifted": lambda acts, name, _: acts.lift(name, 0),
    "a leader": lambda acts, name, person: acts.allocate(name, person, 0, None),
    "another leader": lambda acts, _, person: acts.correct_allocation(-1, person, None, None),
    "no leader": lambda acts, *_: acts.end_allocation(-1, 0),
    "somebody named": lambda acts, name, person: acts.override(name, "inspection", person, 0, 3),
    "the desk named": lambda acts, name, _: acts.override(name, "both", None, 0, 2),
    "nobody named": lambda acts, *_: acts.end_override(-1, 0),
    "a chair": lambda acts, _, person: acts.change_office("A", "chair", person, 0),
    "a deputy": lambda acts, _, person: acts.change_office("A", "deputy", person, 0),
    "a head": lambda acts, name, person: acts.move_head(person, name, 0),
    "a place": lambda acts, *_: acts.join("A", 0, None),
    "an outcome": lambda acts, name, _: acts.publish(name, 0, 3, {"headline": 4}, "graded"),
    "a trust": lambda acts, *_: acts.name_trust("U", 0, 0),
    "a partner": lambda acts, _, person: acts.appoint_contact(person, 0, 5),
    "no chairs": lambda acts, *_: acts.adopt_routing("bristol", 0),
    "chairs": lambda acts, *_: acts.adopt_routing("warwickshire", 0),
}
changes = st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=4, unique=True)


class CallSteps(Steps):
    @rule(name=inspected | schools)
    def inspectors_call(self, name: str) -> None:
        self.acts.call(name)
        self.check()

    @there_is_a_call
    @rule(which=any_of_them, person=st.none() | people, says=says)
    def call_answered(self, which: int, person: str | None, says: str) -> None:
        self.answered(which, person, says)

    @there_is_a_call
    @rule(which=any_of_them)
    def call_closed(self, which: int) -> None:
        self.acts.close_call(which)
        self.check()

    @rule(
        name=inspected,
        changes=changes,
        told=st.booleans(),
        people=st.permutations(PEOPLE),
        says=says,
        days=st.integers(0, 3),
    )
    def speakers_change_while_somebody_is_asked(
        self, name: str, changes: list[str], told: bool, people: list[str], says: str, days: int
    ) -> None:
        """Some of it held back until the school is told; then whoever is asked can't, or lets her time run out."""
        which = self.acts.call(name)
        self.check()
        for change, person in zip(changes, people, strict=False):
            CHANGES[change](self.acts, name, person)
            self.check()
        if told:
            self.acts.tell_school(name, self.world.today)
            self.check()
        self.answered(which, None, says)
        self.days_go_by(days)

    @rule(name=inspected, says=says, days=st.integers(1, 4), inspected_days_ago=st.integers(0, 8))
    def report_comes_out(self, name: str, says: str, days: int, inspected_days_ago: int) -> None:
        self.answered(self.acts.call(name), None, says)
        self.acts.clock(days)
        self.acts.publish(name, 0, inspected_days_ago, {"headline": 3}, "graded")
        self.check()

    @precondition(lambda self: self.world.today < OPENS["c1"] and self.world.knows().open("p1", self.world.today))
    @rule(person=people, told=st.booleans(), says=says, reported=st.sampled_from(["p1", "c1"]))
    def school_converts_while_the_inspectors_are_there(self, person: str, told: bool, says: str, reported: str) -> None:
        """They called at p1; its report comes out under either number."""
        self.acts.override("p1", "inspection", person, 0, 20)
        if told:
            self.acts.tell_school("p1", self.world.today)
        self.acts.call("p1")
        self.check()
        self.acts.link(False, 0)
        self.acts.close(self.days_until(14))
        self.check()
        self.days_go_by(self.days_until(14))
        self.answered(self.acts.call("c1"), None, says)
        self.days_go_by(1)
        self.acts.publish(reported, 0, 1, {"headline": 3}, "graded")
        self.check()

    def answered(self, which: int, person: str | None, says: str) -> None:
        if says == "accept":
            self.acts.accept(which, person)
        elif says == "cannot":
            self.acts.cannot(which, person)
        self.check()
