"""Who chairs a school's governors, and so hears with the head where an officer says so (R0.8)."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import a_day, a_person
from infra.local.commands.schools import Urn

governors = typer.Typer(help="Who chairs a school's governors.", no_args_is_help=True)


@enters(governors, "chair")
def chair(
    urn: Urn,
    person_id: Annotated[UUID, a_person("the person who chairs them")],
    since: Annotated[str, a_day("--from", "The first day in the chair.")],
    until: Annotated[str | None, a_day("--until", "The first day no longer in it, if known.")] = None,
) -> Entry:
    """Enter who chairs the governors; whoever did until then does no longer."""
    return Entry(f"/schools/{urn}/chair-of-governors", {"person_id": person_id, "from": since, "until": until})


@enters(governors, "end")
def end(
    urn: Urn, on: Annotated[str, a_day("--on", "The first day no longer in the chair; the first of all takes it back.")]
) -> Entry:
    """Whoever chairs the governors leaves the chair."""
    return Entry(f"/schools/{urn}/chair-of-governors/end", {"ended_on": on})
