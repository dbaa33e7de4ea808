"""Steps of Ofsted: what is published, corrected, withdrawn and listed again."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.bitemporal.facts import Outcome
from tests.bitemporal.steps import (
    Steps,
    any_of_them,
    grades,
    kinds,
    late,
    schools,
    there_is,
)


class OfstedSteps(Steps):
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
    @rule(which=any_of_them, grades=grades)
    def published_under_another_number(self, which: int, grades: dict[str, Any]) -> None:
        self.acts.publish_under_another_number(which, grades)
        self.check()

    @rule(
        name=schools,
        category=st.integers(1, 4),
        gave=st.lists(st.integers(1, 4), min_size=2, max_size=3),
        mistyped=st.booleans(),
        kept=st.booleans(),
    )
    def asked_of_an_entry_by_what_changes(
        self, name: str, category: int, gave: list[int], mistyped: bool, kept: bool
    ) -> None:
        """It is entered, kept in spite of an outcome, and the outcome turns out to be another."""
        self.acts.set_entry(name, category, 0, None)
        self.check()
        self.acts.publish(name, 0, 3, {"headline": gave[0]}, "graded")
        self.check()
        if kept:
            self.acts.keep_entry(-1, 6)
            self.check()
        latest = self.acts.place_of_latest()
        if mistyped:
            self.acts.withdraw(latest)
            self.check()
        for headline in gave[1:]:
            if mistyped:
                self.acts.publish_under_another_number(latest, {"headline": headline})
            else:
                self.acts.correct(latest, None, 0, {"headline": headline}, 0)
            self.check()
        self.acts.keep_entry(-1, 6)
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
