"""Offices of a body change hands: `office take-up|change|end` (W-04). `body show` has who holds which, and their ids."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from infra.local.commands.acts import Entry, enters
from infra.local.commands.bodies import BodyId
from infra.local.commands.options import a_day, a_person

office = typer.Typer(
    help="Chairs, deputies and acting chairs. What was entered wrongly: `correction fact offices`, "
    "`correction withdraw offices`.",
    no_args_is_help=True,
)


class Post(StrEnum):
    """The posts of a body."""

    chair = "chair"
    deputy = "deputy"
    acting_chair = "acting-chair"


class Route(StrEnum):
    """How somebody came to an office."""

    meeting = "meeting"
    ballot = "ballot"
    taken_on = "taken-on"


PostOf = Annotated[Post, typer.Argument(help="Which office.")]
PersonId = Annotated[UUID, a_person("the person")]
FirstDay = Annotated[str, a_day("--from", "The first day in office; it may lie ahead.")]
RouteTo = Annotated[Route, typer.Option("--route", help="How the person came to it.")]


@enters(office, "take-up")
def take_up(
    body_id: BodyId,
    post: PostOf,
    person_id: PersonId,
    since: FirstDay,
    until: Annotated[str | None, a_day("--until", "The first day no longer in office, where it is known.")] = None,
    route: RouteTo = Route.meeting,
) -> Entry:
    """A person takes up a vacant office. An acting chair steps back when a chair takes up hers."""
    carries = {"post": post, "person_id": person_id, "from": since, "until": until, "route": route}
    return Entry(f"/bodies/{body_id}/offices", carries)


@enters(office, "change")
def change(
    body_id: BodyId, post: PostOf, person_id: PersonId, since: FirstDay, route: RouteTo = Route.meeting
) -> Entry:
    """An office that is held changes hands: the holder's term ends on the day on which the new one begins."""
    carries = {"post": post, "person_id": person_id, "from": since, "route": route}
    return Entry(f"/bodies/{body_id}/change-of-office", carries)


@enters(office, "end")
def end(
    term_id: Annotated[UUID, typer.Argument(help="Id of the term of office; `body show` and `explain` show it.")],
    on: Annotated[str, a_day("--on", "The first day no longer in office; it may lie ahead.")],
    reason: Annotated[str, typer.Option(help="Why; only those who enter offices see it.")],
) -> Entry:
    """A term of office ends; the office is vacant until somebody takes it up."""
    return Entry(f"/offices/{term_id}/end", {"ended_on": on, "reason": reason})
