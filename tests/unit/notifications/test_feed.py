"""N-05, D3.13: what an entry of the liaison feed says."""

import dataclasses
import json
from datetime import date

import pytest

from services.notifications.domain.feed import (
    COUNCIL_DESK,
    PublicOutcome,
    PublicWithdrawal,
    change_of_speaker,
    entry_for,
    in_words,
    region_slug,
)

FALL = PublicOutcome(
    urn="125677",
    school_name="Wolvey CofE Primary School",
    authority="937",
    region="West Midlands",
    inspection_number="10296001",
    kind="graded",
    inspection_started_on=date(2024, 1, 16),
    published_on=date(2024, 3, 4),
    headline=3,
    category_of_concern=None,
    quality_of_education=3,
    leadership=3,
    safeguarding_effective=True,
    inherited_from_urn=None,
    report_link="https://reports.example/125677",
    role_before="chair",
    role_after="system-leader",
)


def test_an_entry_tells_the_change_of_roles_and_names_the_published_report():
    """N-05"""
    entry = entry_for(FALL, "maintained")
    assert entry is not None
    assert entry.data["change_of_speaker"] == {
        "from_role": "chair",
        "to_role": "system-leader",
        "sentence": "from chair to system leader, because of the report published on 4 March 2024",
    }


def test_an_outcome_that_leaves_the_speaker_tells_of_no_change():
    """W-20, N-05"""
    assert change_of_speaker(dataclasses.replace(FALL, role_after="chair")) is None


@pytest.mark.parametrize("missing", ["role_before", "role_after"])
def test_a_first_outcome_tells_of_no_change(missing):
    assert change_of_speaker(dataclasses.replace(FALL, **{missing: None})) is None


@pytest.mark.parametrize("headline", [1, 2, 3, 4])
@pytest.mark.parametrize("role", ["chair", "system-leader", "duty-desk"])
@pytest.mark.parametrize("sector", ["maintained", None, "unknown"])
def test_whom_to_ring_about_a_maintained_school_is_the_councils_desk_whatever_its_standing(headline, role, sector):
    """N-05, R0.8"""
    entry = entry_for(dataclasses.replace(FALL, headline=headline, role_after=role), sector)
    assert entry is not None
    assert entry.data["whom_to_ring"] == COUNCIL_DESK


def test_what_was_taken_on_makes_no_entry():
    """D3.10"""
    assert entry_for(dataclasses.replace(FALL, published_on=date(2023, 8, 31)), "maintained") is None
    assert entry_for(dataclasses.replace(FALL, published_on=date(2023, 9, 1)), "maintained") is not None


def test_an_entry_holds_the_published_fields_and_nothing_else():
    """R0.8: the category in force, an allocation or a person can't slip in by a later field of the event."""
    entry = entry_for(FALL, "maintained")
    assert entry is not None
    assert set(entry.data) == {
        "authority",
        "region",
        "urn",
        "school_name",
        "inspection_number",
        "inspection_kind",
        "inspection_started_on",
        "published_on",
        "headline",
        "category_of_concern",
        "quality_of_education",
        "leadership",
        "safeguarding_effective",
        "inherited_from_urn",
        "report_link",
        "whom_to_ring",
        "change_of_speaker",
        "report_card",
        "corrects",
    }
    json.dumps(entry.data)


def test_a_region_has_one_form_in_addresses():
    assert region_slug(" West  Midlands") == region_slug("west midlands") == "west-midlands"


def test_completeness_is_said_in_words():
    assert in_words(0, 0) == "no entries yet"
    assert in_words(12, 12) == "entries 1 to 12, none missing"
    assert in_words(12, 11) == "entries 1 to 12, 1 missing"


def test_a_withdrawal_takes_back_earlier_entries_by_their_numbers():
    """N-05: gets withdrawals by number"""
    gone = PublicWithdrawal(
        FALL.urn,
        FALL.school_name,
        FALL.authority,
        FALL.region,
        FALL.inspection_number,
        "graded",
        FALL.published_on,
        "another-school",
        role_before="system-leader",
        role_after="chair",
    )
    entry = entry_for(gone, "maintained", [41, 12])
    assert entry is not None
    assert (entry.kind, entry.data["withdraws"]) == ("outcome-withdrawn", [12, 41])
    change = change_of_speaker(gone)
    assert change is not None
    assert change["sentence"] == (
        "from system leader to chair, because of the withdrawal of the report published on 4 March 2024"
    )
    assert entry_for(gone, "maintained", []) is None  # what was never told is never taken back


def test_a_corrected_outcome_names_the_entries_that_it_corrects():
    """N-05"""
    corrected = entry_for(dataclasses.replace(FALL, corrects=True), "maintained", [12])
    assert corrected is not None
    assert corrected.data["corrects"] == [12]
    plain = entry_for(FALL, "maintained", [12])
    assert plain is not None
    assert plain.data["corrects"] == []
