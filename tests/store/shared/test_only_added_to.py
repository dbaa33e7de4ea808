"""Facts, histories, the ledger and the audit are only ever added to: the application's role can't do otherwise."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.store import Store

ONLY_ADDED_TO: dict[str, set[str]] = {
    "membership": {
        "allocation_past",
        "allocation_reason",
        "answer_past",
        "audit",
        "authority_setting",
        "body_past",
        "category_kept",
        "chair_of_governors_past",
        "continuity_listed",
        "continuity_past",
        "correction",
        "headship_past",
        "la_entry",
        "la_keep",
        "la_lift",
        "la_review",
        "la_review_answer",
        "la_withdrawal",
        "listing",
        "membership_past",
        "outcome",
        "outcome_decision",
        "policy_adoption",
        "policy_past",
        "policy_withdrawal",
        "proposal",
        "proposal_end",
        "proposal_taken_back",
        "routing_override_past",
        "school_past",
        "school_in_trust_past",
        "term_past",
        "told",
        "trust_contact_past",
        "trust_listing",
    },
    "meetings": {"audit"},
    "funding": {"account", "audit", "award_share", "award_stretch", "award_version", "entry", "posting"},
    "notifications": {"audit", "delivery_attempt", "feed_entry", "journey", "letter_attempt", "stage_opened"},
}
MAY_INSERT_ONLY = """
    select t.table_name from information_schema.tables t
    where t.table_schema in ($1, 'platform') and t.table_type = 'BASE TABLE'
      and has_table_privilege(current_user, format('%I.%I', t.table_schema, t.table_name), 'insert')
      and not has_table_privilege(current_user, format('%I.%I', t.table_schema, t.table_name), 'update')
      and not has_table_privilege(current_user, format('%I.%I', t.table_schema, t.table_name), 'delete')
      and not has_table_privilege(current_user, format('%I.%I', t.table_schema, t.table_name), 'truncate')
"""


@pytest.mark.parametrize("service", sorted(ONLY_ADDED_TO))
async def test_what_is_only_added_to_can_be_neither_changed_nor_removed(
    database: Callable[[str], Any], service: str
) -> None:
    """I8: what was decided and what was known stays as it was written."""
    store = Store(database(service).app_url, service=service)
    async with store.unit() as uow:
        tables = {row.table_name for row in await uow.rows(MAY_INSERT_ONLY, service)}
    await store.close()
    assert tables == ONLY_ADDED_TO[service]
