"""`allocation make|end`: a system leader is allocated to a school, and no longer (W-18)."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import a_day, a_person
from infra.local.commands.schools import Urn

allocation = typer.Typer(help="System leaders and their schools.", no_args_is_help=True)


@enters(allocation, "make")
def make(
    urn: Urn,
    person_id: Annotated[UUID, a_person("the system leader")],
    since: Annotated[str, a_day("--from", "The day from which she is allocated.")],
    until: Annotated[str | None, a_day("--until", "The first day on which she no longer is.")] = None,
    reason: Annotated[str | None, typer.Option(help="Above the authority's limit, or within one trust: why.")] = None,
) -> Entry:
    """Allocate a system leader. She speaks for the school while its category asks for one."""
    carries = {"person_id": person_id, "from": since, "until": until, "reason": reason}
    return Entry(f"/schools/{urn}/allocations", carries)


@enters(allocation, "end")
def end(
    allocation_id: Annotated[
        UUID, typer.Argument(help="Id of the allocation; `system-leaders` and `explain` show it.")
    ],
    on: Annotated[str, a_day("--on", "The first day on which she is no longer allocated.")],
) -> Entry:
    """End an allocation. To put one right that was entered wrongly: `correction fact allocations`."""
    return Entry(f"/allocations/{allocation_id}/end", {"ended_on": on})
