"""Which counts of a file's report are whose."""

from services.membership.domain.import_report import CATEGORIES_CHANGED, for_reader, of_authority

REPORT = {"schools_new": 3, of_authority(CATEGORIES_CHANGED, "937"): 1, of_authority(CATEGORIES_CHANGED, "801"): 2}


def test_changes_are_counted_for_those_who_may_know_the_entries_of_the_authority() -> None:
    """R0.8: none changed, where a published outcome gives another, would tell of an entry of the authority."""
    assert for_reader(REPORT, {"937"}) == {"schools_new": 3, "categories_changed": 1}
    assert for_reader(REPORT, {"937", "801"}) == {"schools_new": 3, "categories_changed": 3}
    assert for_reader(REPORT, ()) == {"schools_new": 3}


def test_what_was_counted_for_all_authorities_together_is_shown_to_nobody() -> None:
    """R0.8: so the reports of files from before were kept."""
    assert for_reader({"trusts": 1, "categories_changed": 4}, {"937"}) == {"trusts": 1}
