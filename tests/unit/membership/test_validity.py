"""From when until when an answer holds, by the dates among the facts (R0.3)."""

from datetime import date, timedelta

from services.membership.domain.adopted import always
from services.membership.domain.category import CategoryPolicy
from services.membership.domain.office import Term
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts
from services.membership.domain.validity import holds_since, holds_until
from tests.unit.membership.known import DAY, a_school, a_term, an_entry, circumstances, graded

LATER, LAST = DAY + timedelta(days=30), DAY + timedelta(days=60)


def known(*terms: Term, entries: tuple[int, ...] = (), closed_on: date | None = None) -> Facts:
    return Facts(
        circumstances(a_school(closed_on=closed_on), terms=terms),
        always(CategoryPolicy()),
        [graded(2)],
        entries=[an_entry(category, LATER) for category in entries],
    )


CHAIR, DEPUTY = a_term("chair", "the chair"), a_term("deputy", "the deputy")


def test_an_answer_holds_until_the_first_day_with_another() -> None:
    """R0.3: a date that changes nothing is passed over; another category is another answer, and a closing is its end."""
    assert holds_until(known(CHAIR, DEPUTY), Matter.GENERAL, DAY) is None
    assert holds_until(known(a_term("chair", "her", until=LAST), DEPUTY), Matter.GENERAL, DAY) == LAST
    late_deputy = a_term("deputy", "the deputy", LATER)
    assert holds_until(known(CHAIR, late_deputy), Matter.GENERAL, DAY) is None
    assert holds_until(known(a_term("chair", "her", until=LAST), late_deputy), Matter.GENERAL, DAY) == LAST
    assert holds_until(known(CHAIR, entries=(1,)), Matter.GENERAL, DAY) == LATER
    assert holds_until(known(CHAIR, closed_on=LAST), Matter.INSPECTION, DAY) == LAST


def test_an_answer_holds_since_the_day_from_which_on_it_was_the_same() -> None:
    """R0.3: of two times in which it was the same, since the later one's beginning."""
    chairs = (a_term("chair", "her", until=LATER), a_term("chair", "her", LAST))
    week = timedelta(days=7)
    assert holds_since(known(*chairs), Matter.GENERAL, LAST + week, DAY) == LAST
    assert holds_since(known(*chairs), Matter.GENERAL, LATER + week, DAY) == LATER
    assert holds_since(known(*chairs), Matter.GENERAL, LATER - week, DAY) == DAY
    assert holds_since(known(CHAIR, a_term("deputy", "her", LATER)), Matter.GENERAL, LAST, DAY) == DAY
