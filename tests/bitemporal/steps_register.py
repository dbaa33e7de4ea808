"""Steps of the register's files: schools that close, open again, merge, are split and become something else."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.bitemporal.officers import Officers
from tests.bitemporal.steps import Steps, bodies, late, near, people, spans
from tests.bitemporal.world import MAY_CLOSE, OPENS, SCHOOLS, day

KINDS = ("{}", "{}", "{} - merged", "{} - amalgamated", "{} - Split School")
OF_EITHER = ("Result of Amalgamation", "Merged - change in age range", "Closure", "Other")
PAIRS = (("c1", "p1"), ("s1", "p1"), ("s1", "p1"), ("s1", "p2"), ("s1", "p2"), ("c1", "p2"), ("c1", "s1"))
TYPES = ("1", "2", "34", "28", "11", "")


@st.composite
def links(draw: st.DrawFn) -> tuple[str, str, str, int | None]:
    """What stands at one of two schools about the other; seldom turned round."""
    follower, before = draw(st.sampled_from(PAIRS))
    kind = draw(st.sampled_from(KINDS))
    if (follower, before) != ("c1", "p1"):  # Ofsted lists outcomes of p1 with c1, whatever the register says
        kind = draw(st.sampled_from([kind, kind, draw(st.sampled_from(OF_EITHER))]))
        if draw(st.integers(0, 7)) == 0:
            follower, before = before, follower
    stated = draw(st.none() | st.none() | near)
    if draw(st.booleans()):
        return follower, kind.format("Predecessor"), before, stated
    return before, kind.format("Successor"), follower, stated


Ends = Callable[[Officers, str, int], object]  # of a school, some days from today
ENDS: dict[str, Ends] = {
    "closes": lambda acts, name, on: acts.close(on, name),
    "is to close": lambda acts, name, on: acts.plan_closing(name, max(on, 1)),
    "closes a day earlier": lambda acts, name, on: acts.close(on - 1, name),
    "is closed without a date": lambda acts, name, _: acts.close_without_a_date(name),
    "goes on": lambda *_: None,
}
ends = st.sampled_from(sorted(ENDS))


may_close = st.sampled_from(MAY_CLOSE)
left = st.sets(st.sampled_from(["place", "leader", "entry", "outcome", "head"]))


class RegisterSteps(Steps):
    @rule(merged=st.booleans(), edition=late)
    def linked(self, merged: bool, edition: int) -> None:
        self.acts.link(merged, edition)
        self.check()

    @rule(lines=st.lists(links(), min_size=1, max_size=3), edition=late)
    def links_come(self, lines: Sequence[tuple[str, str, str, int | None]], edition: int) -> None:
        self.acts.links(lines, edition)
        self.check()

    @rule(name=may_close, how=ends, on=near)
    def school_closes(self, name: str, how: str, on: int) -> None:
        """But none before it has opened: no file says that."""
        first = self.world.today if how == "is closed without a date" else self.acts.on(on - 1)
        if name not in OPENS or first > OPENS[name]:
            ENDS[how](self.acts, name, on)
            self.check()

    @rule(name=may_close, ago=st.sampled_from([0, 0, 1, 3]), since=st.none() | st.integers(1, 3))
    def school_opens_again(self, name: str, ago: int, since: int | None) -> None:
        if self.world.knows().school(name).closed is not None:  # type: ignore[union-attr]
            self.acts.open_again(name, ago, since)
            self.check()

    @rule(name=st.sampled_from([*SCHOOLS, "c1", "s1", "s1"]), code=st.sampled_from(TYPES), ago=late)
    def type_turned(self, name: str, code: str, ago: int) -> None:
        """But while the inspectors are anywhere: what becomes of a call at a school that is independent the model does not
        say."""
        if code != "11" or not self.world.expected.open_calls():
            self.acts.turn_type(name, code, ago)
            self.check()

    @rule(
        before=st.sets(st.sampled_from(["p1", "p2"]), min_size=1),
        follower=st.sampled_from(["s1", "s1", "c1"]),
        kind=st.sampled_from(KINDS),
        left=left,
        how=ends,
        body=bodies,
        person=people,
        linked_first=st.booleans(),
        days=st.integers(0, 4),
    )
    def schools_go_over(
        self,
        before: set[str],
        follower: str,
        kind: str,
        left: set[str],
        how: str,
        body: str,
        person: str,
        linked_first: bool,
        days: int,
    ) -> None:
        """They leave what an officer has decided of them; the files come before the day or after it, in either order."""
        opens = self.days_until((OPENS[follower] - day(0)).days)
        for name in sorted(before):
            self._leaves(name, left, body, person)
        for links in (linked_first, not linked_first):
            if links:
                self.acts.links([(follower, kind.format("Predecessor"), name, None) for name in sorted(before)], 0)
                self.check()
            else:
                for name in sorted(before):
                    ENDS[how](self.acts, name, opens)
                    self.check()
        if days:
            self.days_go_by(days)

    def _leaves(self, name: str, left: set[str], body: str, person: str) -> None:
        if "place" in left:
            self.acts.join(body, 0, None, name=name)
        if "leader" in left:
            self.acts.allocate(name, person, 0, None)
        if "entry" in left:
            self.acts.set_entry(name, 4, 0, 3)
        if "outcome" in left:
            self.acts.publish(name, 0, 3, {"headline": 3}, "graded")
        if "head" in left:
            self.acts.move_head(person, name, 0)
        self.check()

    @rule(
        name=may_close, body=bodies, start=near, lasts=spans, lead=st.none() | st.booleans(), left_on=st.none() | near
    )
    def school_that_may_close_joins(
        self, name: str, body: str, start: int, lasts: int | None, lead: bool | None, left_on: int | None
    ) -> None:
        self.acts.join(body, start, lasts, lead, name)
        self.check()
        if left_on is not None:
            self.acts.leave(body, left_on, name)
            self.check()

    @rule(name=may_close, on=near)
    def school_that_may_close_is_in_both_bodies(self, name: str, on: int) -> None:
        self.acts.join("A", 0, None, name=name)
        self.acts.join("B", 0, None, name=name)
        self.check()
        self.acts.name_lead("A", on, name)
        self.check()
