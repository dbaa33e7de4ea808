"""Steps of schools, bodies and trusts: what registers say, and who belongs where."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.bitemporal.steps import (
    Steps,
    any_of_them,
    bodies,
    ends,
    late,
    near,
    people,
    posts,
    spans,
)
from tests.bitemporal.world import BODIES, MAY_CLOSE, OPENS, SCHOOLS


class SchoolSteps(Steps):
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
        name=st.sampled_from([each for each in SCHOOLS if each not in (*MAY_CLOSE, *OPENS)]),
        start=near,
        lead=st.booleans(),
    )
    def part_taken_on_later(
        self, parts: set[str], body: str, post: str, person: str, name: str, start: int, lead: bool
    ) -> None:
        """But of schools that may close or be continued: what their heads do then the model does not say."""
        self.acts.take_on_later(parts, body, post, person, name, start, lead)
        self.check()

    @rule(person=people, start=st.integers(0, 4), lasts=st.integers(1, 6))
    def trust_contact_appointed(self, person: str, start: int, lasts: int) -> None:
        self.acts.appoint_contact(person, start, lasts)
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
