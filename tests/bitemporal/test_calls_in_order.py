"""Inspection calls against the model, on long ways each step of which stands on the one before it (W-16, R0.8)."""

from collections.abc import Callable

from tests.bitemporal.test_any_order import worlds as worlds
from tests.bitemporal.test_in_order import goes
from tests.bitemporal.world import World


def asked(world: World) -> list[tuple[str, str | None, str]]:
    """Of the last call: who was asked, in order, and what became of it."""
    return [(each.role, each.person, each.answer) for each in world.expected.calls[-1].asked]


def test_what_is_held_back_decides_who_is_asked_once_the_school_is_told(worlds: Callable[[], World]) -> None:
    """W-16, W-18, R0.8"""
    world = worlds()
    goes(
        world,
        lambda acts: acts.call("m2"),
        lambda acts: acts.set_entry("m2", 4, 0, None),
        lambda acts: acts.allocate("m2", "dot", 0, None),
        lambda acts: acts.cannot(0, None),
        lambda acts: acts.tell_school("m2", acts.world.today),
        lambda acts: acts.cannot(0, "bea"),
        lambda acts: acts.clock(1),
        lambda acts: acts.accept(0, "dot"),  # late, while nobody else has
        lambda acts: acts.cannot(0, None),
        lambda acts: acts.accept(0, None),
    )
    assert asked(world) == [
        ("chair", "ann", "cannot"),
        ("deputy", "bea", "cannot"),
        ("system-leader", "dot", "cannot"),
        ("duty-desk", None, "not-needed"),
        ("duty-desk", None, "accepted"),
    ]


def test_the_line_is_that_of_the_day_on_which_somebody_has_to_be_asked(worlds: Callable[[], World]) -> None:
    """W-16, W-19: a1's chief executive, then whoever is partner by then; of m2 whoever is deputy by then."""
    world = worlds()
    goes(
        world,
        lambda acts: acts.call("a1"),
        lambda acts: acts.appoint_contact("cat", 0, 5),
        lambda acts: acts.cannot(0, "eve"),
        lambda acts: acts.name_trust("U", 0, 0),
        lambda acts: acts.clock(1),
        lambda acts: acts.call("m2"),
        lambda acts: acts.change_office("A", "deputy", "cat", 1),
        lambda acts: (acts.clock(4), acts.watch_looks()),  # the timer before the turn
    )
    assert [each.person for each in world.expected.calls[0].asked] == ["eve", "cat", "dot", None]
    assert [each.person for each in world.expected.calls[1].asked] == ["ann", "cat"]


def test_a_school_that_converts_while_the_inspectors_are_there_keeps_its_one_call(worlds: Callable[[], World]) -> None:
    """W-16, W-20"""
    world = worlds()
    goes(
        world,
        lambda acts: acts.override("p1", "inspection", "bea", 0, 20),
        lambda acts: acts.tell_school("p1", acts.world.today),
        lambda acts: acts.call("p1"),
        lambda acts: acts.link(False, 0),
        lambda acts: acts.close(13),
        lambda acts: acts.accept(0, None),
        lambda acts: acts.clock(13),
        lambda acts: acts.call("c1"),
        lambda acts: acts.cannot(0, "bea"),
        lambda acts: acts.clock(1),
        lambda acts: acts.publish("p1", 0, 14, {"headline": 3}, "graded"),
    )
    assert len(world.expected.calls) == 1
    assert asked(world) == [
        ("named-person", "bea", "cannot"),
        ("trust-chief-executive", "eve", "no-answer"),
        ("duty-desk", None, "not-needed"),
    ]


def test_a_school_that_is_shut_and_that_no_other_continues_is_the_duty_desks(worlds: Callable[[], World]) -> None:
    """W-16, R0.3: nobody speaks for a school that is shut, so nobody is sent there either."""
    world = worlds()
    goes(
        world,
        lambda acts: acts.override("p1", "inspection", "bea", 0, 1),
        lambda acts: acts.tell_school("p1", acts.world.today),
        lambda acts: acts.call("p1"),
        lambda acts: acts.accept(0, "bea"),
        lambda acts: acts.override("p1", "inspection", "cat", 1, 20),
        lambda acts: acts.clock(1),
        lambda acts: acts.tell_school("p1", acts.world.today),
        lambda acts: acts.close(1),
        lambda acts: acts.clock(2),
        lambda acts: acts.cannot(0, "bea"),
    )
    assert asked(world) == [("named-person", "bea", "cannot"), ("duty-desk", None, "waiting")]


def test_before_a_school_was_told_who_speaks_for_it_the_line_goes_by_what_is_published(
    worlds: Callable[[], World],
) -> None:
    """W-16, W-18, R0.8: p1's outcome was declined, and s1 carries on what is in force without it."""
    world = worlds()
    goes(
        world,
        lambda acts: acts.adopt_category("propose", "always", 0),
        lambda acts: acts.publish("p1", 0, 14, {"headline": 4}, "graded"),
        lambda acts: acts.answer("p1", False),
        lambda acts: acts.links([("s1", "Predecessor", "p1", None)], 0),
        lambda acts: acts.join("A", 9, None, name="s1"),
        lambda acts: acts.close(9),
        lambda acts: acts.clock(9),
        lambda acts: acts.call("s1"),
        lambda acts: acts.tell_school("s1", acts.world.today),
        lambda acts: acts.close_call(0),
        lambda acts: acts.call("s1"),
    )
    first, second = ([each.role for each in call.asked] for call in world.expected.calls)
    assert (first, second) == (["duty-desk"], ["chair"])
