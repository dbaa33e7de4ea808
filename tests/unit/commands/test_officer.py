"""In whose name an officer's commands are entered: hers, and not that of the office in which she works (R0.1, R0.8)."""

import os
import pwd
from pathlib import Path

import pytest

from infra.local.keys import OFFICE_ROLES, read_tokens
from infra.local.trouble import Trouble
from shared.auth.tokens import Principal, Verifier
from tests.unit.commands.conftest import Membership, Run

PATH = "/schools/125677/told"
TOLD = ("school", "told", "125677", "--on", "2024-05-01")
NAME = "Invented Officer"


@pytest.fixture(autouse=True)
def told(membership: Membership) -> None:
    membership.answers = {f"GET {PATH}/preview": {"lets_out": []}, f"POST {PATH}": {"urn": "125677"}}


def who(membership: Membership, folder: Path) -> Principal:
    return Verifier(folder / "token.public").verify(membership.tokens[-1])


@pytest.mark.parametrize(
    "typed",
    [("--as", NAME, *TOLD), (*TOLD, "--as", NAME), (*TOLD, f"--as={NAME}"), ("school", "--as", f" {NAME} ", *TOLD[1:])],
    ids=lambda typed: " ".join(typed),
)
def test_an_officer_says_her_name_before_the_command_or_behind_it(
    membership: Membership, run: Run, tmp_path: Path, typed: tuple[str, ...]
) -> None:
    """R0.8: "school told on DATE by NAME"."""
    ended = run(*typed)
    assert ended.exit_code == 0, ended.output
    assert who(membership, tmp_path).subject == NAME


def test_who_says_nothing_is_named_by_the_environment_else_by_the_account_of_the_machine(
    membership: Membership, run: Run, tmp_path: Path
) -> None:
    """R0.8: and never by the role, which is everybody's there."""
    assert run(*TOLD, "--as", "Somebody Else").exit_code == 0
    assert run(*TOLD, CONSORTIA_OFFICER=NAME).exit_code == 0
    assert who(membership, tmp_path).subject == NAME
    assert run(*TOLD).exit_code == 0
    assert who(membership, tmp_path).subject == pwd.getpwuid(os.geteuid()).pw_name
    assert who(membership, tmp_path).subject not in OFFICE_ROLES


def test_in_her_own_name_she_may_do_what_her_office_may_and_no_more(
    membership: Membership, run: Run, tmp_path: Path
) -> None:
    """R0.8"""
    assert run(*TOLD, "--as", NAME).exit_code == 0
    office = Verifier(tmp_path / "token.public").verify(read_tokens(tmp_path)["la.officer"])
    hers = who(membership, tmp_path)
    assert (hers.roles, hers.authorities) == (office.roles, office.authorities)
    assert (hers.urns, hers.regions, hers.departments) == (frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("name", ["01900000-0000-7000-8000-000000000001", "{01900000000070008000000000000001}", " "])
def test_nobody_signs_in_by_the_id_of_a_person_or_without_a_name(membership: Membership, run: Run, name: str) -> None:
    """R0.8: a person's own sign-in carries her id, and with it she reads what is hers."""
    ended = run(*TOLD, "--as", name)
    assert isinstance(ended.exception, Trouble)
    assert "--as 'NAME'" in ended.exception.cure
    assert membership.asked == []


def test_a_department_stays_who_it_is_and_an_unknown_role_is_refused_with_those_that_there_are(
    membership: Membership, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.local.ports.Ports.service", lambda self, name: membership.server.server_port)
    membership.answers = {"GET /journeys/1": {"services": [], "steps": [], "trace_url": None}}
    ended = run("journey", "1", "--role", "937.finance", "--as", NAME)
    assert ended.exit_code == 0, ended.output
    assert who(membership, tmp_path).subject == "937.finance"
    for typed in (("journey", "1"), ("due", "retry", "01900000-0000-7000-8000-000000000001")):
        refused = run(*typed, "--role", "officer")
        assert isinstance(refused.exception, Trouble)
        assert refused.exception.sentence == "There is no role officer"
        assert "la.officer" in refused.exception.cure
