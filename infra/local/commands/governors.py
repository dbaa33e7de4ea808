"""Who chairs a school's governors, and so hears with the head where an officer says so (R0.8)."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day
from infra.local.commands.schools import Urn, told_of

governors = typer.Typer(help="Who chairs a school's governors.", no_args_is_help=True)


@governors.command("chair")
def chair(
    urn: Urn,
    person_id: Annotated[UUID, typer.Argument(help="Id of the person who chairs them.")],
    since: Annotated[str, typer.Option("--from", help="The first day in the chair.")],
    until: Annotated[str | None, typer.Option("--until", help="The first day no longer in it, if known.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Enter who chairs the governors; whoever did until then does no longer."""
    body = {"person_id": str(person_id), "from": day(since), **({"until": day(until)} if until else {})}
    told_of(Api(data).post("membership", f"/schools/{urn}/chair-of-governors", body), as_json)


@governors.command("end")
def end(
    urn: Urn,
    on: Annotated[
        str, typer.Option("--on", help="The first day no longer in the chair; the first of all takes it back.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Whoever chairs the governors leaves the chair."""
    told_of(Api(data).post("membership", f"/schools/{urn}/chair-of-governors/end", {"ended_on": day(on)}), as_json)
