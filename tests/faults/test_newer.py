"""The next release that a rolling upgrade brings in: notifications as it is then, on a database of its own."""

import importlib
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.notifications.domain.departments import AllowList
from shared.contracts import registry, upcast
from shared.contracts.meetings import MeetingScheduled
from tests.faults.checks import violations
from tests.faults.history import History
from tests.faults.of_groups import NEWER, NEWER_TYPE, OLDER_TYPE
from tests.faults.planted.test_effects import told_of
from tests.store.notifications import conftest as of_notifications
from tests.store.notifications.conftest import Notifications
from tests.store.notifications.test_informing import BODY, HEADS

notifications = of_notifications.notifications
DEPARTMENTS = ("school-improvement", "governance")  # whoever is informed of meetings (N-01, N-03)
ON = date(2026, 12, 7)


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What it declares is known to this test alone: the published language has no such version."""
    monkeypatch.setattr(registry, "_by_name", dict(registry._by_name))
    monkeypatch.setattr(registry, "_by_model", dict(registry._by_model))
    monkeypatch.setattr(upcast, "_upcasts", dict(upcast._upcasts))
    yield importlib.import_module(NEWER)
    del sys.modules[NEWER]


@pytest.fixture
async def upgraded(notifications: Notifications, newer: Any, monkeypatch: pytest.MonkeyPatch) -> Notifications:
    await newer.make_room(notifications.owner_url)
    monkeypatch.setattr(of_notifications, "INBOUND", newer.inbound())
    return notifications


def one_of_each_version(newer: Any) -> tuple[MeetingScheduled, Any]:
    one, other = ({"meeting_id": UUID(int=n), "body_id": BODY, "kind": "heads", "on": ON} for n in (1, 2))
    return MeetingScheduled(**one), newer.MeetingScheduledSomewhere(**other, place=newer.PLACE)


async def test_a_meeting_reaches_its_departments_in_the_version_in_which_it_was_told(
    upgraded: Notifications, newer: Any
) -> None:
    """D3.11, N-01, N-03: when the producer switches, departments have the newer version, and it alone."""
    records = [upgraded.record_of(each, HEADS) for each in one_of_each_version(newer)]
    await upgraded.reads(*records)
    for department in DEPARTMENTS:
        copies = await upgraded.topic(department)
        assert [each.envelope.type for each in copies] == [OLDER_TYPE, NEWER_TYPE]
        assert ["place" in each.data for each in copies] == [False, True]
    found = violations(History(), await told_of(upgraded, records))
    assert {name: wrong for name, wrong in found.items() if wrong and name != "I5"} == {}  # there are no books here


async def test_the_newer_reader_has_the_place_also_of_a_meeting_that_was_told_without(
    upgraded: Notifications, newer: Any
) -> None:
    """D3.11: what was told in the older version is brought up to date as it is read."""
    await upgraded.reads(*(upgraded.record_of(each, HEADS) for each in one_of_each_version(newer)))
    rows = await upgraded.rows("select place from meeting_place order by meeting_id")
    assert [row.place for row in rows] == [newer.NOT_SAID, newer.PLACE]


async def test_a_list_that_names_versions_is_found_by_the_copies_that_departments_never_had(
    upgraded: Notifications, newer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1: nobody is excused because a version is new."""
    admits = AllowList.admits

    def names_versions(self: AllowList, type: str) -> bool:
        return type.endswith(".v1") and admits(self, type)

    monkeypatch.setattr(AllowList, "admits", names_versions)
    records = [upgraded.record_of(each, HEADS) for each in one_of_each_version(newer)]
    await upgraded.reads(*records)
    found = violations(History(), await told_of(upgraded, records))
    for department in DEPARTMENTS:
        assert [wrong for wrong in found["I1"] if wrong.endswith(f"was never told to {department}")]
