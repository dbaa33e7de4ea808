"""Heads and trusts' contacts: heads come and move, both leave, and what was entered wrongly of them (R0.3, R0.4)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from infra.local.commands.acts import Entry, enters
from infra.local.commands.corrections import ReallyWas, Reason, Since, Until
from infra.local.commands.options import a_day, a_person
from infra.local.commands.schools import Urn

headship = typer.Typer(
    help="Heads who come, move and leave, and headships that were entered wrongly.", no_args_is_help=True
)
trust_contact = typer.Typer(
    help="A trust's chief executive or School Improvement Partner: their end, and what was entered wrongly.",
    no_args_is_help=True,
)


class Post(StrEnum):
    """The posts of a trust."""

    chief_executive = "chief-executive"
    school_improvement_partner = "school-improvement-partner"


PersonId = Annotated[UUID, a_person("the head")]
TrustId = Annotated[str, typer.Argument(help="The trust's UID in the register of groups; `explain` shows it.")]
EndedOn = Annotated[str, a_day("--on", "The first day no longer in post; it may lie ahead.")]
WrongOn = Annotated[str, a_day("--on", "A day of the time that was entered wrongly.")]


@enters(headship, "begin")
def begin_headship(
    urn: Urn,
    person_id: PersonId,
    since: Annotated[str, a_day("--from", "The first day as head of the school; it may lie ahead.")],
    until: Annotated[str | None, a_day("--until", "The first day no longer in post, where it is known.")] = None,
) -> Entry:
    """A person comes to head a school, beside any other that she or he heads: who leaves one for it, moves."""
    return Entry(f"/schools/{urn}/headships", {"person_id": person_id, "from": since, "until": until})


@enters(headship, "move")
def move_head(
    person_id: PersonId,
    to: Annotated[str, typer.Option(help="The school to which the head goes.")],
    on: Annotated[str, a_day("--on", "The first day as head of that school; it may lie ahead.")],
    leaves: Annotated[
        str | None, typer.Option(help="The school that the head leaves, where there is more than one.")
    ] = None,
) -> Entry:
    """A head moves to another school; whatever office she or he holds goes along."""
    return Entry(f"/people/{person_id}/moves", {"to_urn": to, "from_urn": leaves, "on": on})


@enters(headship, "end")
def end_headship(urn: Urn, person_id: PersonId, on: EndedOn) -> Entry:
    """A head leaves a school and moves to no other."""
    return Entry(f"/schools/{urn}/headships/{person_id}/end", {"ended_on": on})


@enters(headship, "correct")
def correct_headship(
    urn: Urn,
    person_id: PersonId,
    on: WrongOn,
    reason: Reason,
    person: ReallyWas = None,
    since: Since = None,
    until: Until = None,
) -> Entry:
    """Correct a headship; what is left out stays as it was entered."""
    carries = {"on": on, "reason": reason, "from": since, "until": until, "person_id": person}
    return Entry(f"/schools/{urn}/headships/{person_id}/correct", carries)


@enters(headship, "withdraw")
def withdraw_headship(urn: Urn, person_id: PersonId, on: WrongOn, reason: Reason) -> Entry:
    """Withdraw a headship that never was."""
    return Entry(f"/schools/{urn}/headships/{person_id}/withdraw", {"on": on, "reason": reason})


@enters(trust_contact, "end")
def end_trust_contact(trust_id: TrustId, post: Post, on: EndedOn) -> Entry:
    """Whoever holds the post leaves it; a successor is entered by a take-on."""
    return Entry(f"/trusts/{trust_id}/contacts/{post}/end", {"ended_on": on})


@enters(trust_contact, "correct")
def correct_trust_contact(
    trust_id: TrustId,
    post: Post,
    on: WrongOn,
    reason: Reason,
    person: ReallyWas = None,
    since: Since = None,
    until: Until = None,
) -> Entry:
    """Correct who held the post or on which days; what is left out stays as it was entered."""
    carries = {"on": on, "reason": reason, "from": since, "until": until, "person_id": person}
    return Entry(f"/trusts/{trust_id}/contacts/{post}/correct", carries)


@enters(trust_contact, "withdraw")
def withdraw_trust_contact(trust_id: TrustId, post: Post, on: WrongOn, reason: Reason) -> Entry:
    """Withdraw somebody who never held the post."""
    return Entry(f"/trusts/{trust_id}/contacts/{post}/withdraw", {"on": on, "reason": reason})
