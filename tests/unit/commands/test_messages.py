"""What goes wrong is said with its place and its cure."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from infra.local.trouble import Trouble
from services.membership.domain.appointment import UnknownAllocation, UnknownPerson
from services.membership.domain.body import UnknownBody
from services.membership.domain.inspection_call import UnknownCall
from services.membership.domain.la_entry import UnknownEntry
from services.membership.domain.office import UnknownTerm
from services.membership.domain.override import UnknownOverride
from services.membership.domain.proposal import UnknownProposal
from services.membership.store.failed_due import UnknownFailure
from services.membership.store.import_queries import UnknownImport
from services.membership.web.places import UnknownAsk
from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("typed", "cure"),
    [
        (("explain", "125677"), "`status` says whether it is ready."),
        (
            ("office", "change", ID, "chair", ID, "--from", "2024-05-01"),
            "look whether it has before you enter it again",
        ),
    ],
)
def test_a_service_that_takes_too_long_is_up_and_nobody_is_told_to_start_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], cure: str
) -> None:
    def never(*of: Any, **how: Any) -> None:
        raise httpx2.ReadTimeout("timed out")

    monkeypatch.setattr(httpx2, "request", never)
    ended = run(*typed)
    assert isinstance(ended.exception, Trouble)
    assert "has not answered within" in ended.exception.sentence
    assert cure in ended.exception.cure
    assert "up`" not in ended.exception.cure


@pytest.mark.parametrize(
    "typed",
    [
        ("adopt", "routing", "937", "bristol", "--inherit", "never", "--reason", "Why"),
        ("correct", "routing", "937", "2", "--inherit", "converters", "--reason", "Why"),
    ],
    ids=lambda typed: typed[0],
)
def test_what_a_routing_policy_does_not_have_is_refused_and_not_passed_over(
    membership: Membership, run: Run, typed: tuple[str, ...]
) -> None:
    """R0.1, R0.3: whose outcomes are inherited is for the category policy to say."""
    ended = run("policy", *typed)
    assert isinstance(ended.exception, Trouble)
    assert "says nothing of a routing policy" in ended.exception.sentence
    assert membership.asked == []


@pytest.mark.parametrize(
    "unknown",
    [
        UnknownAllocation, UnknownAsk, UnknownBody, UnknownCall, UnknownEntry, UnknownFailure, UnknownImport,
        UnknownOverride, UnknownPerson, UnknownProposal, UnknownTerm,
    ],
)  # fmt: skip
def test_whoever_mistypes_an_id_is_told_where_the_ids_are(unknown: type[Exception]) -> None:
    says = str(unknown(UUID(int=1)))
    assert "`consortia " in says
