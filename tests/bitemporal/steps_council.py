"""Steps of the authority: its own categories, overrides, policies, and what officers answer."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.bitemporal.facts import Allocation, Entry, Override
from tests.bitemporal.steps import (
    Steps,
    any_of_them,
    inherits,
    near,
    people,
    schools,
    there_is,
)


class CouncilSteps(Steps):
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
    @rule(which=any_of_them, lifted=st.integers(0, 3), on=st.integers(-6, 0), told=st.booleans())
    def lifting_corrected(self, which: int, lifted: int, on: int, told: bool) -> None:
        """Of an entry that is lifted now, or was before."""
        entries = self.world.knows().all(Entry)
        name = entries[which % len(entries)].urn
        if told:
            self.acts.tell_school(name, self.world.today)
        self.acts.lift(name, -lifted)
        self.check()
        self.acts.correct_lifting(which, on)
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

    @there_is(Entry)
    @rule(which=any_of_them, review=st.integers(0, 6))
    def review_corrected(self, which: int, review: int) -> None:
        self.acts.correct_review(which, review)
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

    @rule(name=schools, category=st.integers(1, 4), days=st.integers(1, 3))
    def entry_set_told_and_withdrawn(self, name: str, category: int, days: int) -> None:
        self.acts.set_entry(name, category, 0, days)
        self.check()
        self.acts.tell_school(name, self.world.today)
        self.acts.clock(days)
        self.check()
        self.acts.withdraw_entry(-1)
        self.check()
