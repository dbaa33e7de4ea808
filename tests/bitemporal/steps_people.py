"""Steps of people in places: allocations, offices and heads, and what had been entered wrongly of them."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.bitemporal.facts import Allocation
from tests.bitemporal.steps import (
    Steps,
    any_of_them,
    bodies,
    ends,
    near,
    people,
    posts,
    spans,
    there_is,
)


class PeopleSteps(Steps):
    @rule(name=st.sampled_from(["m1", "m2", "m3", "a1", "p1", "p2", "s1"]), person=people, start=near, lasts=spans)
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

    @rule(person=people, name=st.sampled_from(["m1", "m2", "m3", "a1", "p1", "p2", "c1"]), on=near)
    def head_moves(self, person: str, name: str, on: int) -> None:
        self.acts.move_head(person, name, on)
        self.check()

    @rule(name=st.sampled_from(["m1", "m2", "m3"]), person=people, planned=st.integers(1, 4), start=near, lasts=ends)
    def allocated_and_corrected(self, name: str, person: str, planned: int, start: int, lasts: int | None) -> None:
        self.acts.allocate(name, person, planned, None)
        self.check()
        self.acts.correct_allocation(-1, None, start, lasts)
        self.check()

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
