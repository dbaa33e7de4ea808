"""Which counts of a file's report are whose."""

from collections import Counter

from services.membership.domain.import_report import (
    CATEGORIES_CHANGED,
    for_reader,
    of_authority,
    of_school,
    schools_for_reader,
    with_first,
)

REPORT = {"schools_new": 3, of_authority(CATEGORIES_CHANGED, "937"): 1, of_authority(CATEGORIES_CHANGED, "801"): 2}


def test_changes_are_counted_for_those_who_may_know_the_entries_of_the_authority() -> None:
    """R0.8: none changed, where a published outcome gives another, would tell of an entry of the authority."""
    assert for_reader(REPORT, {"937"}) == {"schools_new": 3, "categories_changed": 1}
    assert for_reader(REPORT, {"937", "801"}) == {"schools_new": 3, "categories_changed": 3}
    assert for_reader(REPORT, ()) == {"schools_new": 3}


def test_what_was_counted_for_all_authorities_together_is_shown_to_nobody() -> None:
    """R0.8: so the reports of files from before were kept."""
    assert for_reader({"trusts": 1, "categories_changed": 4}, {"937"}) == {"trusts": 1}


def test_the_schools_that_a_dry_run_would_change_are_named_to_officers_of_their_authority() -> None:
    """R0.8: and to nobody else, whatever it is that changes."""
    done = Counter({"schools_new": 1, of_school("schools_new", "801", "109001"): 1})
    done |= {of_authority(CATEGORIES_CHANGED, "937"): 1, of_school(CATEGORIES_CHANGED, "937", "125677"): 2}
    report = with_first(Counter(), done)
    assert for_reader(report, {"937"}) == {"schools_new": 1, "categories_changed": 1}
    assert schools_for_reader(report, {"937"}) == {"categories_changed": ["125677"]}
    assert schools_for_reader(report, {"801"}) == {"schools_new": ["109001"]}
    assert schools_for_reader(report, ()) == {}


def test_of_each_kind_and_authority_the_first_hundred_are_named_and_all_are_counted() -> None:
    """R0.8: how many are named of one authority must not tell of another."""
    report = Counter[str]()
    for first in (100_000, 100_060, 100_060):  # the last part of the file names the same schools again
        urns = [str(urn) for urn in range(first, first + 60)]
        report = with_first(
            report,
            Counter({"links": 60} | {of_school("links", each, urn): 1 for each in ("937", "801") for urn in urns}),
        )
    assert for_reader(report, {"937"}) == {"links": 180}
    for authority in ("937", "801"):
        assert schools_for_reader(report, {authority})["links"] == [str(urn) for urn in range(100_000, 100_100)]
