"""Rebuilding a service's projections, and the test clock."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, day, print_json
from infra.local.folder import StateFolder, default_folder
from infra.local.ports import SERVICES
from infra.local.running import RunningStack
from infra.local.trouble import Trouble


def rebuild(
    service: Annotated[str, typer.Argument(help="Whose projections.")],
    compare_only: Annotated[bool, typer.Option("--compare-only", help="Tell the differences, change nothing.")] = False,
    data: Data = None,
) -> None:
    """Replay a service's projections from the first event, compare, and swap; the service stands still meanwhile."""
    if service not in SERVICES:
        raise Trouble(f"There is no service {service}", f"They are {', '.join(SERVICES)}.")
    state = data or default_folder()
    if StateFolder(state).holder() is None:
        raise Trouble(f"The stack in {state} is not up", "Start it with `up` first.")
    with console.status(f"Rebuilding {service}"):
        said = RunningStack.attached(state).rebuild(service, compare_only=compare_only)
    console.print(said, highlight=False, markup=False)


def tick(
    today: Annotated[
        str | None, typer.Option(help="The day it shall be, as 2025-09-01; left out: the real one.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set the test clock of all services, on a stack started with --test-clock."""
    api = Api(data)
    body = {"today": day(today) if today else None}
    for service in api.description["services"]:
        api.post(service, "/clock", body, role="demo")
    found = {service: api.get(service, "/clock", role="demo") for service in api.description["services"]}
    if as_json:
        print_json(found)
        return
    for service, answer in found.items():
        console.print(f"{service}: {answer['today']}")
