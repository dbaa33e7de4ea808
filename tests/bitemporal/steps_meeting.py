"""Steps that chance would seldom take one after the other: what comes between an act and its day, or while it is held back.

`meetings.py` counts what met in a run.
"""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.bitemporal.officers import Officers
from tests.bitemporal.steps import Steps, late, people
from tests.bitemporal.world import PEOPLE

Does = Callable[[Officers, int, str, str], object]  # so many days ahead, of a school and a person where there is one
TWO, FOUR = {"headline": 2}, {"headline": 4}

PLANS: dict[str, Does] = {
    "chair": lambda acts, ahead, _, person: acts.change_office("A", "chair", person, ahead),
    "office": lambda acts, ahead, _, person: acts.take_up("B", "chair", person, ahead, None),
    "leader": lambda acts, ahead, name, person: acts.allocate(name, person, ahead, None),
    "override": lambda acts, ahead, name, person: acts.override(name, "both", person, ahead, 3),
    "entry": lambda acts, ahead, name, _: acts.set_entry(name, 4, ahead, None),
    "place": lambda acts, ahead, *_: acts.join("B", ahead, None),
    "place that leads": lambda acts, ahead, *_: acts.join("A", ahead, 4, True),
    "lead": lambda acts, ahead, *_: (acts.join("A", 0, None), acts.join("B", 0, None), acts.name_lead("A", ahead)),
    "head": lambda acts, ahead, name, person: acts.move_head(person, name, ahead),
    "routing": lambda acts, ahead, *_: acts.adopt_routing("bristol", ahead),
    "asked": lambda acts, _, name, __: (
        acts.adopt_category("propose", "always", 0),
        acts.publish(name, 0, 3, FOUR, "graded"),
    ),
    "confirmed": lambda acts, ahead, name, _: (
        acts.adopt_category("propose", "converters", 0),
        acts.publish(name, 0, 3, {"headline": 3}, "graded"),
        acts.answer(name, True, ahead),
    ),
    "head who leaves": lambda acts, ahead, name, person: (
        acts.move_head(person, name, 0),
        acts.end_head(-1, ahead),
    ),
    "trust without a chief": lambda acts, ahead, *_: acts.end_contact("T", "chief-executive", ahead),
    "categories": lambda acts, ahead, *_: acts.adopt_category("la", "always", ahead),
}
FILES: dict[str, Does] = {
    "outcomes": lambda acts, late, name, _: (acts.publish(name, 0, 3, TWO, "graded"), acts.list_again([-1, -2], late)),
    "an outcome otherwise": lambda acts, late, *_: acts.correct(-1, None, 0, FOUR, late + 1),
    "links": lambda acts, late, *_: acts.link(False, late),
    "links that merge": lambda acts, late, *_: acts.link(True, late),
    "a closing": lambda acts, late, *_: acts.close(late - 1),
    "no closing": lambda acts, *_: acts.open_again(),
    "a trust": lambda acts, late, *_: acts.name_trust("U", late, None),
    "the trust before": lambda acts, late, *_: acts.name_trust("T", late, -1),
}
HELD_BACK: dict[str, Does] = {
    "entry": lambda acts, _, name, __: acts.set_entry(name, 4, 0, None),
    "leader": lambda acts, _, name, person: acts.allocate(name, person, 0, None),
    "override": lambda acts, _, name, person: acts.override(name, "both", person, 0, 4),
}
PUTS_RIGHT: dict[str, Does] = {
    "office": lambda acts, late, _, person: acts.correct_office(-1, person, -late, None),
    "office that never was": lambda acts, *_: acts.withdraw_office(-1),
    "leader": lambda acts, late, _, person: acts.correct_allocation(-1, person, -late, None),
    "leader's days": lambda acts, late, *_: acts.correct_allocation(-1, None, -late, late + 1),
    "leader that never was": lambda acts, *_: acts.withdraw_allocation(-1),
    "place": lambda acts, late, *_: (acts.join("B", 0, None), acts.correct_place(-1, "A", -late, None, False)),
    "place that never was": lambda acts, *_: acts.correct_place(-1, None, None, None, True),
    "entry that never was": lambda acts, *_: acts.withdraw_entry(-1),
    "outcome": lambda acts, late, name, _: (
        acts.publish(name, 0, 3, TWO, "graded"),
        acts.correct(-1, None, late, FOUR, 0),
    ),
    "outcome of another": lambda acts, late, name, _: acts.correct(-1, name, late, TWO, 0),
    "outcome that never was": lambda acts, *_: acts.withdraw(-1),
}


def some_of(those: dict[str, Does]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(those)), min_size=1, max_size=4, unique=True)


class MeetingSteps(Steps):
    @rule(
        plans=some_of(PLANS),
        files=some_of(FILES),
        name=st.sampled_from(["m1", "m2", "m3", "a1"]),
        persons=st.permutations(PEOPLE),
        ahead=st.integers(1, 3),
        late=late,
        called=st.booleans(),
    )
    def files_come_between_an_act_and_its_day(
        self, plans: list[str], files: list[str], name: str, persons: list[str], ahead: int, late: int, called: bool
    ) -> None:
        for plan, person in zip(plans, persons, strict=False):
            PLANS[plan](self.acts, ahead, name, person)
        self.check()
        if called:
            self.acts.call(name)
        for file in files:
            FILES[file](self.acts, late, name, persons[0])
            self.check()
        self.days_go_by(ahead)

    @rule(
        held_back=st.sampled_from(sorted(HELD_BACK)),
        rights=some_of(PUTS_RIGHT),
        name=st.sampled_from(["m1", "m2", "m3"]),
        person=people,
        late=st.integers(0, 4),
        days=st.integers(0, 2),
        called=st.booleans(),
        told=st.booleans(),
    )
    def things_are_put_right_while_something_is_held_back(
        self,
        held_back: str,
        rights: list[str],
        name: str,
        person: str,
        late: int,
        days: int,
        called: bool,
        told: bool,
    ) -> None:
        HELD_BACK[held_back](self.acts, 0, name, person)
        if called:
            self.acts.call(name)
        self.days_go_by(days)
        for right in rights:
            PUTS_RIGHT[right](self.acts, late, name, person)
            self.check()
        if told:
            self.acts.tell_school(name, self.world.today)
            self.check()
