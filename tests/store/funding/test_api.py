"""W-14, W-31, N-02: what finance and the officer see of awards, over HTTP."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.funding.web.api import routes
from shared.auth.tokens import Verifier, mint, new_key
from tests.applications import application_over
from tests.store.funding.conftest import ELM, OAK, Funding, Holder, consortium, school

APRIL, CHANGE = date(2026, 4, 1), date(2026, 8, 25)
BODY = str(consortium().body_id)
Ask = Callable[..., Any]


@pytest.fixture
async def ask(funding: Funding, tmp_path: Path) -> AsyncIterator[Ask]:
    """GET as somebody with these roles; the award of story S4 is there."""
    private, public = tmp_path / "private.jwk", tmp_path / "public.jwk"
    new_key(private, public)
    app = application_over("funding", [routes], funding.store, Verifier(public))
    await funding.today_is(APRIL)
    first, second = Holder(1, OAK, APRIL), Holder(2, ELM, CHANGE)
    await funding.hears(APRIL, consortium(), school(OAK), first.takes_up())
    await funding.today_is(CHANGE)
    await funding.hears(CHANGE, first.ends(CHANGE, "succeeded"), second.takes_up())

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://funding") as client:

        async def get(path: str, *, role: str = "la.finance", authority: str = "937", **asked: str) -> httpx2.Response:
            token = mint(private, subject="finance desk", roles=[role], authorities=[authority])
            return await client.get(f"/api/v1{path}", params=asked, headers={"Authorization": f"Bearer {token}"})

        yield get


async def test_finance_sees_the_shares_and_how_each_is_payable(ask: Ask, funding: Funding) -> None:
    """W-31, story S4: a maintained school by journal, an academy by its trust naming the school."""
    await funding.hears(CHANGE, school(ELM, sector="academy", trust="16000"))
    (award,) = (await ask("/awards", body_id=BODY, year="2026")).json()
    assert award["amount_pence"] == 500_000
    assert award["version"] == 2
    assert [(s["urn"], s["days"], s["pence"], s["payable_by"], s["trust_id"]) for s in award["shares"]] == [
        (OAK, 146, 200_000, "journal", None),
        (ELM, 219, 300_000, "trust", "16000"),
    ]
    assert (await ask("/awards", year="2025")).json() == []


async def test_an_award_to_a_school_not_yet_in_the_register_says_so(ask: Ask) -> None:
    (award,) = (await ask("/awards")).json()
    unknown = award["shares"][1]
    assert (unknown["urn"], unknown["school"], unknown["payable_by"]) == (ELM, None, None)


async def test_days_with_no_chair_are_listed(ask: Ask, funding: Funding) -> None:
    """W-31"""
    december = date(2026, 12, 1)
    await funding.hears(december, Holder(2, ELM, CHANGE).ends(december))
    (award,) = (await ask("/awards")).json()
    assert award["days"][-1] == {
        "from_date": "2026-12-01",
        "until": "2027-04-01",
        "days": 121,
        "urn": None,
        "why_unawarded": "no chair",
    }
    assert award["unawarded_days"] == 121


async def test_the_ledger_of_a_body_shows_every_entry_in_order(ask: Ask) -> None:
    """W-14"""
    entries = (await ask("/ledger", body_id=BODY)).json()
    first, reversal, *shares = entries
    assert reversal["reverses"] == first["entry_id"]
    assert [entry["postings"][0]["pence"] for entry in entries] == [500_000, -500_000, 200_000, 300_000]
    assert {entry["belongs_on"] for entry in shares} == {"2026-08-25"}


async def test_balances_are_those_of_the_day_asked_for(ask: Ask) -> None:
    """W-14: reproducible as at a meeting date."""
    then = (await ask("/balances", as_at="2026-08-24")).json()
    now = (await ask("/balances")).json()
    assert {(b["account"], b["urn"]): b["pence"] for b in then["balances"]} == {
        ("award-commitment", None): 500_000,
        ("school-entitlement", OAK): -500_000,
    }
    assert {(b["account"], b["urn"]): b["pence"] for b in now["balances"]} == {
        ("award-commitment", None): 500_000,
        ("school-entitlement", OAK): -200_000,
        ("school-entitlement", ELM): -300_000,
    }
    assert now["sum_pence"] == 0


@pytest.mark.parametrize("path", ["/awards", "/balances"])
async def test_the_awards_of_another_authority_are_not_shown(ask: Ask, path: str) -> None:
    answer = (await ask(path, authority="801")).json()
    assert answer == [] if path == "/awards" else answer["balances"] == []


async def test_the_ledger_of_another_authoritys_body_is_forbidden(ask: Ask) -> None:
    assert (await ask("/ledger", authority="801", body_id=BODY)).status_code == 403


async def test_a_body_that_funding_does_not_know_is_not_found(ask: Ask) -> None:
    assert (await ask("/ledger", body_id=str(consortium(99).body_id))).status_code == 404


async def test_others_see_no_awards(ask: Ask) -> None:
    """N-02"""
    for role in ("headteacher", "department", "rd.liaison", "la.school-improvement", "la.ops"):
        for path in ("/awards", "/balances", f"/ledger?body_id={BODY}"):
            assert (await ask(path, role=role)).status_code == 403, (role, path)
