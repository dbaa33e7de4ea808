"""`person change`: another name, e-mail address or telephone number."""

from typing import Annotated, Any
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data
from infra.local.commands.schools import told_of

person = typer.Typer(help="How people are reached.", no_args_is_help=True)


@person.callback()
def _group() -> None:
    """With one command alone its name would be left out."""


@person.command("change")
def change(
    person_id: Annotated[UUID, typer.Argument(help="Id of the person; `who-speaks --json` shows it.")],
    name: Annotated[str | None, typer.Option(help="Her or his name.")] = None,
    email: Annotated[str | None, typer.Option(help="The e-mail address to write to.")] = None,
    telephone: Annotated[str | None, typer.Option(help="The telephone number; none: there is none any more.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change how a person is reached; what is left out stays as it is."""
    given = {"name": name, "email": email, "telephone": telephone}
    body: dict[str, Any] = {each: value for each, value in given.items() if value is not None}
    if telephone == "none":
        body["telephone"] = None
    told_of(Api(data).post("membership", f"/people/{person_id}/contact-details", body), as_json)
