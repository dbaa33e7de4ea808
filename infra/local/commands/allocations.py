"""`allocation make|end`: a system leader is allocated to a school, and no longer (W-18)."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day
from infra.local.commands.schools import Urn, told_of

allocation = typer.Typer(help="System leaders and their schools.", no_args_is_help=True)


@allocation.command("make")
def make(
    urn: Urn,
    person_id: Annotated[UUID, typer.Argument(help="Id of the system leader; `system-leaders` shows it.")],
    since: Annotated[str, typer.Option("--from", help="The day from which she is allocated.")],
    until: Annotated[str | None, typer.Option(help="The first day on which she no longer is.")] = None,
    reason: Annotated[str | None, typer.Option(help="Above the authority's limit, or within one trust: why.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Allocate a system leader. She speaks for the school while its category asks for one."""
    body = {"person_id": str(person_id), "from": day(since)}
    body |= {"until": day(until)} if until else {}
    body |= {"reason": reason} if reason else {}
    told_of(Api(data).post("membership", f"/schools/{urn}/allocations", body), as_json)


@allocation.command("end")
def end(
    allocation_id: Annotated[UUID, typer.Argument(help="Id of the allocation.")],
    on: Annotated[str, typer.Option("--on", help="The first day on which she is no longer allocated.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """End an allocation. To put one right that was entered wrongly: `correction fact allocations`."""
    told_of(Api(data).post("membership", f"/allocations/{allocation_id}/end", {"ended_on": day(on)}), as_json)
