"""What officers left in force for a school is nothing to one that was found late to continue it, before that was told (R0.8)."""

from datetime import date
from typing import Any

import pytest

from services.membership.domain.category import Inherit
from services.membership.domain.links import Link
from services.membership.use_cases import la_category
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.told_preview import preview_told
from services.membership.use_cases.who_speaks import category_of, who_speaks
from tests.store.membership.conftest import Authority
from tests.store.membership.test_proposals import BEGINS, CHANGED, PUBLISHED, REASSIGNED, adopt, decline, the_proposal

OLD, NEW = "900003", "900004"
OPENED, BETWEEN, FOUND, AHEAD = date(2024, 4, 1), date(2024, 4, 5), date(2024, 4, 10), date(2024, 4, 20)
ENTERED, LIFTED = date(2024, 1, 2), date(2024, 1, 5)
DAYS = (None, BETWEEN, AHEAD)


async def answered_late(abbey: Authority, before: int, published: int) -> None:
    """One category was kept for the old school, another is published and was declined; now a file has which school goes on."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=before)
    await abbey.on(BEGINS)
    await adopt(abbey, "propose", BEGINS, inherit=Inherit.ALWAYS)
    await abbey.on(PUBLISHED)
    await abbey.publish(OLD, PUBLISHED, headline=published)
    await decline(abbey, await the_proposal(abbey))
    await abbey.on(FOUND)
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, OLD, "Predecessor", OPENED, "links", FOUND)]))


async def category(abbey: Authority, on: date | None = None, *, to_the_school: bool = True) -> dict[str, Any]:
    return await abbey.do(lambda uow: category_of(uow, NEW, on, to_the_school=to_the_school))


async def speaks(abbey: Authority, on: date | None = None, *, to_the_school: bool = True) -> dict[str, Any]:
    return await abbey.do(lambda uow: who_speaks(uow, NEW, "general", on, to_the_school=to_the_school))


async def told(abbey: Authority) -> Any:
    return await abbey.do(lambda uow: la_category.record_school_told(uow, NEW, told_on=uow.today, told_by="officer"))


@pytest.mark.parametrize(
    ("before", "published", "speaker"),
    [(2, 4, "chair"), (4, 2, "duty-desk")],
    ids=["a better one was kept", "a weaker one was kept"],
)
async def test_what_stays_in_force_for_the_school_before_is_read_once_it_was_told(
    abbey: Authority, before: int, published: int, speaker: str
) -> None:
    """R0.1, R0.8: the category is held back from everybody else outside the council, and from her as well."""
    await answered_late(abbey, before, published)
    said = await abbey.said(CHANGED, REASSIGNED, urn=NEW)
    assert {(each.type, each.told) for each in said} >= {(CHANGED, False)}
    assert not any(each.told for each in said)
    officers = await category(abbey, to_the_school=False)
    assert (officers["category"], officers["public_category"]) == (before, published)
    assert (await speaks(abbey, to_the_school=False))["role"] == speaker

    for on in DAYS:
        alone, with_speaker = await category(abbey, on), await speaks(abbey, on)
        assert (alone["category"], with_speaker["category"]) == (None, None)
        assert with_speaker["category_in_force"]["category"] is None
        assert alone["sentence"].startswith("No officer has confirmed a category")
        assert (with_speaker["role"], with_speaker.get("as_known_today", with_speaker)["role"]) == ("chair", "chair")
    preview = await abbey.do(lambda uow: preview_told(uow, NEW, told_on=FOUND))
    seen = {each.what: (each.now, each.once_told) for each in preview.reads}
    assert seen["category in force"] == (None, before)
    who = seen.get("who speaks in general")
    assert who is None if speaker == "chair" else [each and each["role"] for each in who or ()] == ["chair", speaker]

    await told(abbey)
    assert [(await category(abbey, on))["category"] for on in DAYS] == [before] * 3
    assert (await speaks(abbey))["role"] == speaker


async def test_what_is_published_for_the_school_before_is_read_at_once(abbey: Authority) -> None:
    """R0.1, R0.8: a link is public, and so is the outcome that is inherited by it, once outcomes alone decide."""
    await answered_late(abbey, 3, 4)
    await adopt(abbey, "ofsted", FOUND, inherit=Inherit.ALWAYS)
    assert [(await category(abbey, on))["category"] for on in (FOUND, AHEAD)] == [4, 4]


async def test_what_a_school_was_told_of_days_that_have_gone_it_reads_while_something_else_is_held_back(
    abbey: Authority,
) -> None:
    """R0.1, R0.4, R0.8: an entry that was over, and of which it had heard."""
    await abbey.on(ENTERED)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, NEW, category=3, from_date=ENTERED, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.on(LIFTED)
    await abbey.do(
        lambda uow: la_category.lift_la_category(uow, NEW, lifted_on=LIFTED, reason="Over", lifted_by="officer")
    )
    await told(abbey)
    await answered_late(abbey, 2, 4)
    assert [(await category(abbey, on))["category"] for on in (ENTERED, BETWEEN, FOUND)] == [3, None, None]


async def test_a_school_reads_what_was_kept_for_itself_while_an_entry_is_held_back(abbey: Authority) -> None:
    """R0.1, R0.8: of any day, as it had been told."""
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(NEW, date(2024, 1, 10), headline=3)
    await abbey.on(BEGINS)
    await adopt(abbey, "propose", BEGINS)
    await abbey.on(PUBLISHED)
    await abbey.publish(NEW, PUBLISHED, headline=2)
    await abbey.on(FOUND)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, NEW, category=4, from_date=FOUND, reason="Why", review_on=None, set_by="officer"
        )
    )
    read = [await category(abbey, on) for on in DAYS]
    assert [each["category"] for each in read] == [3, 3, 3]
    assert len({each["sentence"] for each in read}) == 1
