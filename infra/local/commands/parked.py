"""Messages that a service could not take: see them, try them again, give them up with a reason."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.ports import SERVICES
from infra.local.trouble import Trouble

parked = typer.Typer(help="Messages that a service could not take.", no_args_is_help=True)

Service = Annotated[str | None, typer.Option(help="One service only.")]
Id = Annotated[str, typer.Argument(help="The id that `parked list` shows.")]
Role = Annotated[str, typer.Option(help="la.officer sees whom it is about and its content; la.ops where it is.")]


@parked.command("list")
def list_parked(service: Service = None, data: Data = None, as_json: AsJson = False) -> None:
    """What is parked in each service."""
    api = Api(data)
    found = [
        {"service": each, **row}
        for each in ([service] if service else api.description["services"])
        for row in api.get(each, "/parked", role="la.ops")
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("Nothing is parked.")
        return
    columns = ["service", "id", "status", "topic", "partition", "offset", "event_id", "reason"]
    print_table(columns, [[str(row.get(name, ""))[:120] for name in columns] for row in found])


@parked.command("show")
def show(id: Id, role: Role = "la.ops", data: Data = None, as_json: AsJson = False) -> None:
    """One message with its headers and, where the role may read it, its content."""
    api = Api(data)
    service = _where(api, id)
    found = {"service": service, **api.get(service, f"/parked/{id}", role=role)}
    if as_json:
        print_json(found)
    else:
        print_table(["", ""], [[name, value] for name, value in found.items()])


@parked.command("retry")
def retry(id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Try it again, and what waits behind it."""
    api = Api(data)
    _say(api.post(_where(api, id), f"/parked/{id}/retry", {}, role="la.ops").json(), as_json)


@parked.command("discard")
def discard(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why it may be given up; it is kept.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give it up: it counts as applied, and what waits behind it is applied."""
    api = Api(data)
    _say(api.post(_where(api, id), f"/parked/{id}/discard", {"reason": reason}, role="la.ops").json(), as_json)


def _where(api: Api, id: str) -> str:
    """The service in which the message is parked."""
    for service in SERVICES:
        if service not in api.description["services"]:
            continue
        if any(str(row["id"]) == id for row in api.get(service, "/parked", role="la.ops", limit=1000)):
            return service
    raise Trouble(f"No service has a parked message {id}", "See `parked list`.")


def _say(found: object, as_json: bool) -> None:
    if as_json or not isinstance(found, dict):
        print_json(found)
    else:
        console.print(", ".join(f"{name}: {value}" for name, value in found.items()), highlight=False)
