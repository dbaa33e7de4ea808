"""Heads and trusts' contacts: that they leave, and what was entered wrongly of them (R0.3, R0.4)."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.corrections import Reason, Since, Until, days_of
from infra.local.commands.options import AsJson, Data, day
from infra.local.commands.schools import Urn, told_of

headship = typer.Typer(help="Heads who leave, and headships that were entered wrongly.", no_args_is_help=True)
trust_contact = typer.Typer(
    help="A trust's chief executive or School Improvement Partner: their end, and what was entered wrongly.",
    no_args_is_help=True,
)


class Post(StrEnum):
    """The posts of a trust."""

    chief_executive = "chief-executive"
    school_improvement_partner = "school-improvement-partner"


PersonId = Annotated[UUID, typer.Argument(help="Id of the head.")]
TrustId = Annotated[str, typer.Argument(help="The trust's UID in the register of groups; `who-speaks` shows it.")]
EndedOn = Annotated[str, typer.Option("--on", help="The first day no longer in post; it may lie ahead.")]
WrongOn = Annotated[str, typer.Option("--on", help="A day of the time that was entered wrongly.")]
ReallyWas = Annotated[UUID | None, typer.Option("--person", help="Id of the person who it really was.")]


@headship.command("end")
def end_headship(urn: Urn, person_id: PersonId, on: EndedOn, data: Data = None, as_json: AsJson = False) -> None:
    """A head leaves a school and moves to no other."""
    _post(f"/schools/{urn}/headships/{person_id}/end", {"ended_on": day(on)}, data, as_json)


@headship.command("correct")
def correct_headship(
    urn: Urn,
    person_id: PersonId,
    on: WrongOn,
    reason: Reason,
    person: ReallyWas = None,
    since: Since = None,
    until: Until = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct a headship; what is left out stays as it was entered."""
    body = _correction(on, reason, person, since, until)
    _post(f"/schools/{urn}/headships/{person_id}/correct", body, data, as_json)


@headship.command("withdraw")
def withdraw_headship(
    urn: Urn, person_id: PersonId, on: WrongOn, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Withdraw a headship that never was."""
    body = {"on": day(on), "reason": reason}
    _post(f"/schools/{urn}/headships/{person_id}/withdraw", body, data, as_json)


@trust_contact.command("end")
def end_trust_contact(trust_id: TrustId, post: Post, on: EndedOn, data: Data = None, as_json: AsJson = False) -> None:
    """Whoever holds the post leaves it; a successor is entered by a take-on."""
    _post(f"/trusts/{trust_id}/contacts/{post.value}/end", {"ended_on": day(on)}, data, as_json)


@trust_contact.command("correct")
def correct_trust_contact(
    trust_id: TrustId,
    post: Post,
    on: WrongOn,
    reason: Reason,
    person: ReallyWas = None,
    since: Since = None,
    until: Until = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct who held the post or on which days; what is left out stays as it was entered."""
    body = _correction(on, reason, person, since, until)
    _post(f"/trusts/{trust_id}/contacts/{post.value}/correct", body, data, as_json)


@trust_contact.command("withdraw")
def withdraw_trust_contact(
    trust_id: TrustId, post: Post, on: WrongOn, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Withdraw somebody who never held the post."""
    body = {"on": day(on), "reason": reason}
    _post(f"/trusts/{trust_id}/contacts/{post.value}/withdraw", body, data, as_json)


def _correction(on: str, reason: str, person: UUID | None, since: str | None, until: str | None) -> dict[str, Any]:
    named = {"person_id": str(person)} if person else {}
    return {"on": day(on), "reason": reason, **days_of(since, until), **named}


def _post(path: str, body: dict[str, Any], data: Data, as_json: bool) -> None:
    told_of(Api(data).post("membership", path, body), as_json)
