"""A link that was entered as of another kind is put right by a file of the same day, as any line is (D3.11)."""

from datetime import date
from functools import partial

import pytest

from services.membership.store.continuity import relations
from services.membership.use_cases.failed_imports import apply_files
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.pace import Pace
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_imports import send

OLD, NEW, OTHER = "900003", "900050", "900004"
OPENS, DAY = date(2024, 5, 1), date(2024, 5, 2)
HEAD = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n"


@pytest.fixture
async def linked(abbey: Authority) -> Authority:
    await abbey.do(
        lambda uow: keep_schools(uow, [line(OLD, date(2023, 9, 2), closed_on=OPENS), line(NEW, opened_on=OPENS)])
    )
    await abbey.on(DAY)
    return abbey


def links(*kinds: str) -> bytes:
    return (HEAD + "".join(f"{NEW},{OLD},Oak,{kind},01-05-2024\n" for kind in kinds)).encode()


async def _take_in(abbey: Authority, content: bytes, day: date = DAY) -> None:
    received = await send(abbey.store, "school-links", content, "links.csv", day)
    assert received.problems == []
    while await abbey.do(apply_next_chunk):
        pass


async def _kinds(abbey: Authority) -> list[str]:
    found = await abbey.do(lambda uow: relations(uow, [NEW]))
    return [each.kind.value for each in found if each.predecessor_urn == OLD]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [(["Predecessor - merged"], ["Predecessor"]), (["Predecessor"], ["Predecessor - merged"])],
)
async def test_of_one_day_the_kind_that_was_sent_last_counts(
    linked: Authority, wrong: list[str], right: list[str]
) -> None:
    """D3.11: a merger that was none kept the heir from its predecessor's outcomes."""
    await _take_in(linked, links(*wrong))
    before = await _kinds(linked)
    await _take_in(linked, links(*right))
    now = await _kinds(linked)
    assert now != before
    assert now == ["merged" if "merged" in right[0] else "continues"]


async def test_two_kinds_in_one_file_stand_beside_each_other_and_the_same_file_again_tells_nothing(
    linked: Authority,
) -> None:
    both = links("Predecessor", "Predecessor - Split School")
    await _take_in(linked, both)
    before = await _kinds(linked)
    await linked.forget_said()
    received = await send(linked.store, "school-links", both, "links.csv", DAY)
    pace = Pace()
    pace.lines = 1  # however its chunks are cut
    while await apply_files(linked.store, pace):
        pace.lines = 1
    assert (
        await linked.do(lambda uow: uow.value("select state from import where import_id = $1", received.import_id))
        == "done"
    )
    assert await _kinds(linked) == before
    assert await linked.said() == []


@pytest.mark.parametrize("listed_first", [True, False])
@pytest.mark.parametrize("later", ["Other", "Successor"])
async def test_what_ofsted_lists_counts_again_when_the_link_says_it_no_more(
    linked: Authority, listed_first: bool, later: str
) -> None:
    """R0.1, D3.11: Ofsted lists an outcome of the one with the other, and no file of links takes that back."""
    if not listed_first:
        await _take_in(linked, links("Predecessor"), START)
    await linked.publish(NEW, DAY, inspected=OLD, headline=4)
    if listed_first:
        assert await _kinds(linked) == ["listed"]
        await _take_in(linked, links("Predecessor"), START)
    assert await _kinds(linked) == ["continues"]
    await _take_in(linked, links(later))
    assert await _kinds(linked) == ["listed"]


async def test_a_link_that_is_withdrawn_leaves_nothing_where_ofsted_lists_nothing(linked: Authority) -> None:
    """D3.11"""
    await _take_in(linked, links("Predecessor"), START)
    await _take_in(linked, links("Other"))
    assert await _kinds(linked) == []


async def test_what_a_file_of_another_day_or_about_another_pair_has_stays(linked: Authority) -> None:
    await _take_in(linked, links("Predecessor - merged"), START)
    other = (HEAD + f"{OTHER},{NEW},Elm,Other,\n").encode()
    await _take_in(linked, other, START)
    count = partial(_count, linked)
    assert await count() == 2
    await _take_in(linked, links("Predecessor"))
    assert await _kinds(linked) == ["continues"]
    assert await count() == 3


async def _count(abbey: Authority) -> int:
    return int(await abbey.do(lambda uow: uow.value("select count(*) from school_link")))
