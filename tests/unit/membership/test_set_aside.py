"""Which lines of a file wait for a school that stands still, and which may go on (D3.11, docs/decisions/0022)."""

from typing import Any
from uuid import UUID

from services.membership.domain.set_aside import SetAside, may_go, part

FIRST, SECOND = UUID(int=1), UUID(int=2)
OAK, ASH, ELM = "100001", "100002", "100003"


def inspected(urn: str, number: str) -> dict[str, Any]:
    return {"urn": urn, "outcomes": [{"urn": urn, "inspection_number": number}]}


def parted(kind: str, *rows: dict[str, Any], still: set[str], before: list[SetAside] | None = None) -> list[SetAside]:
    return part(SECOND, kind, enumerate(rows, 2), still, before or [])[1]


def test_a_line_waits_for_its_school_and_no_line_of_another_waits_with_it() -> None:
    rows, aside = part(FIRST, "gias", enumerate([{"urn": OAK}, {"urn": ASH}], 2), {OAK}, [])
    assert rows == [{"urn": ASH}]
    assert [(each.line, each.waits_for) for each in aside] == [(2, {OAK})]


def test_a_link_waits_for_either_of_its_schools() -> None:
    link = {"urn": ASH, "linked_urn": OAK, "link_type": "Successor"}
    (waiting,) = parted("school-links", link, {"urn": ASH, "linked_urn": ELM, "link_type": "Successor"}, still={OAK})
    assert (waiting.line, waiting.waits_for) == (2, {OAK})


def test_a_later_line_about_the_same_inspection_waits_behind_the_first_whichever_school_it_names() -> None:
    """Of one day the line that was sent last counts."""
    (first,) = parted("ofsted", inspected(OAK, "N1"), still={OAK})
    (behind,) = parted("ofsted", inspected(ASH, "N1"), inspected(ELM, "N2"), still=set(), before=[first])
    assert (behind.line, behind.waits_for) == (2, {OAK})


def test_a_line_waits_behind_an_earlier_one_of_the_school_though_the_school_goes_on() -> None:
    (first,) = parted("gias", {"urn": OAK}, still={OAK})
    (behind,) = parted("ofsted", {"urn": OAK}, {"urn": ASH}, still=set(), before=[first])
    assert behind.waits_for == {OAK}


def test_lines_go_on_in_their_order_and_none_before_one_that_says_something_of_the_same() -> None:
    waiting = [
        SetAside(FIRST, 2, frozenset({"inspection N1"}), frozenset({OAK})),
        SetAside(FIRST, 3, frozenset({"gias " + ELM}), frozenset({ELM})),
        SetAside(SECOND, 2, frozenset({"inspection N1"}), frozenset({ASH})),
        SetAside(SECOND, 3, frozenset({"gias " + ASH}), frozenset({ASH})),
    ]
    assert may_go(waiting, {ASH}) == waiting[:2]
    assert may_go(waiting, {OAK}) == [waiting[1]]  # what waits for Ash waits behind a line about the inspection
    assert may_go(waiting, set()) == waiting
