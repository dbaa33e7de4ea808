"""Aspects of schools that are vulnerable to an adverse judgement, for the list of their area (W-26)."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import told_of
from infra.local.commands.bodies import BodyId
from infra.local.commands.options import AsJson, Data, a_day, print_json, print_table
from infra.local.commands.schools import Urn

aspect = typer.Typer(help="Schools with a vulnerable aspect, for the group of their area.", no_args_is_help=True)


@aspect.command("list")
def list_aspects(body_id: BodyId, data: Data = None, as_json: AsJson = False) -> None:
    """The schools with a vulnerable aspect in the area of an Area Analysis Group. That you read it is recorded."""
    found = Api(data).get("meetings", f"/bodies/{body_id}/lists")["schools_with_a_vulnerable_aspect"]
    if as_json:
        print_json(found)
        return
    columns = ["aspect_id", "urn", "school", "evaluation_area", "from_date"]
    print_table([name.replace("_", " ") for name in columns], [[each[name] for name in columns] for each in found])


@aspect.command()
def record(
    urn: Urn,
    evaluation_area: Annotated[str, typer.Argument(help="What Ofsted evaluates, as 'attendance and behaviour'.")],
    since: Annotated[str, a_day("--from", "The day from which it is vulnerable, as 2025-09-01.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Record an aspect of a school that is vulnerable to an adverse judgement."""
    said = {"evaluation_area": evaluation_area, "from": since}
    told_of(Api(data).post("meetings", f"/schools/{urn}/vulnerable-aspects", said), as_json)


@aspect.command()
def withdraw(
    aspect_id: Annotated[UUID, typer.Argument(help="The id that `aspect list` shows.")],
    reason: Annotated[str, typer.Option(help="Why: recorded by mistake, or vulnerable no longer.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a vulnerable aspect: it stands on no list any more. It can be recorded again."""
    told_of(Api(data).post("meetings", f"/vulnerable-aspects/{aspect_id}/withdraw", {"reason": reason}), as_json)
