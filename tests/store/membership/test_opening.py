"""A school that opens, or opens again, is told with the category that came while nobody spoke for it (R0.2, D3.11)."""

from datetime import date

from services.membership.domain.links import Link
from services.membership.domain.school import Status
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from tests.store.membership.conftest import Authority, line

OLD, NEW = "900003", "900050"
CHANGED = "category-in-force.changed"


async def test_what_a_school_inherited_while_it_was_proposed_is_told_when_it_opens(abbey: Authority) -> None:
    """The register proposes schools long before it has their day, and links them as early."""
    published, opened = date(2024, 1, 10), date(2024, 2, 10)
    trust = {"type_code": "34", "trust_id": "7001", "trust_name": "Larch Trust"}
    await abbey.on(published)
    await abbey.publish(OLD, published, headline=4)
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW, date(2024, 1, 9), status=Status.PROPOSED, **trust)]))
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, OLD, "Predecessor", None, "links", date(2024, 1, 9))]))
    assert await abbey.said(CHANGED, urn=NEW) == []
    await abbey.on(opened)
    await abbey.do(lambda uow: keep_schools(uow, [line(NEW, opened, opened_on=opened, **trust)]))
    await abbey.on(date(2024, 2, 11))
    (told,) = await abbey.said(CHANGED, urn=NEW)
    assert (told.data["before"], told.data["after"], told.data["because"]) == (None, 4, "inherited")
    assert (told.sensitivity, told.told) == ("public", True)


async def test_a_category_that_changed_while_a_school_was_closed_is_told_when_it_opens_again(abbey: Authority) -> None:
    closed, published, opened = date(2024, 1, 20), date(2024, 2, 9), date(2024, 3, 10)
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=2)
    await abbey.on(closed)
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, closed, status=Status.CLOSED, closed_on=closed)]))
    await abbey.on(published)
    await abbey.publish(OLD, published, headline=4)
    await abbey.on(opened)
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, opened)]))
    await abbey.on(date(2024, 3, 11))
    (told,) = await abbey.said(CHANGED, urn=OLD)
    assert (told.data["before"], told.data["after"]) == (2, 4)


async def test_a_school_that_opens_again_as_it_was_has_no_other_category(abbey: Authority) -> None:
    closed, opened = date(2024, 1, 20), date(2024, 3, 10)
    await abbey.on(date(2024, 1, 10))
    await abbey.publish(OLD, date(2024, 1, 10), headline=2)
    await abbey.on(closed)
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, closed, status=Status.CLOSED, closed_on=closed)]))
    await abbey.on(opened)
    await abbey.forget_said()
    await abbey.do(lambda uow: keep_schools(uow, [line(OLD, opened)]))
    await abbey.on(date(2024, 3, 11))
    assert await abbey.said(CHANGED, urn=OLD) == []
