"""Who is told is decided by the class of a record, not only by its type (R0.8)."""

import pytest

from shared.contracts.registry import Sensitivity
from tests.store.notifications.conftest import OAK, Notifications, key_of, outcome, school


@pytest.mark.parametrize("sensitivity", [Sensitivity.RESTRICTED, Sensitivity.CONFIDENTIAL])
async def test_a_restricted_outcome_is_no_entry_of_the_feed(
    notifications: Notifications, sensitivity: Sensitivity
) -> None:
    """N-05: of a type that the regional office reads, of a class that it may not know."""
    await notifications.reads(notifications.record_of(school(), key_of()))
    await notifications.reads(notifications.record_of(outcome(), key_of(), sensitivity=sensitivity))
    assert await notifications.rows("select 1 from feed_entry") == []
    await notifications.reads(notifications.record_of(outcome(number="10296002"), key_of()))
    assert len(await notifications.rows("select 1 from feed_entry")) == 1


async def test_a_record_stricter_than_its_type_changes_nothing_that_is_kept_by_type(
    notifications: Notifications,
) -> None:
    """R0.8: whoever reads schools may read all that is kept of them."""
    await notifications.reads(notifications.record_of(school(), key_of()))
    strict = notifications.record_of(school(sector="academy"), key_of(), sensitivity=Sensitivity.RESTRICTED)
    await notifications.reads(strict)
    assert [row.sector for row in await notifications.rows("select sector from school where urn = $1", OAK)] == [
        "maintained"
    ]
    # It waits for an operator, and the next of its key behind it (docs/decisions/0015).
    await notifications.reads(notifications.record_of(school(sector="other"), key_of()))
    assert [tuple(row) for row in await notifications.rows("select status, reason from parked order by sequence")] == [
        ("parked", "stricter"),
        ("waiting", "behind"),
    ]
