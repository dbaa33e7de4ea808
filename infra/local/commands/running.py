"""Starting, stopping and looking at the stack: up, down, status, clean."""

import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import psutil
import typer

from infra.local import survivors
from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.folder import StateFolder, default_folder
from infra.local.ports import SERVICES
from infra.local.secret import Secrets
from infra.local.stack import Stack
from infra.local.supervision import Supervisor
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal all mean: stop in order. A second one does not interrupt the stopping."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in STOP_SIGNALS:
        signal.signal(each, stop)


def up(
    data: Data = None,
    port_base: Annotated[int | None, typer.Option(help="First port of a hundred.", show_default="29000")] = None,
    tracing: Annotated[bool, typer.Option("--tracing/--no-tracing", help="With Zipkin, or without.")] = True,
    test_clock: Annotated[
        bool, typer.Option("--test-clock", help="Let `tick --today` set the date of all services.")
    ] = False,
    services: Annotated[
        str, typer.Option(help="Which services to start, with commas; `none` starts the servers only.")
    ] = ",".join(SERVICES),
    webhook_allow: Annotated[
        str, typer.Option(help="host:port,... of receivers on private addresses that may be sent to.")
    ] = "",
) -> None:
    """Start everything, stay in the foreground, and stop everything on Ctrl-C."""
    stack = Stack(
        data or default_folder(),
        port_base,
        tracing,
        services=_chosen(services),
        test_clock=test_clock,
        webhook_allow=[each for each in webhook_allow.split(",") if each],
        say=lambda step: console.print(f"[dim]{step}[/dim]"),
    )
    stop_on_signals()
    began = time.monotonic()
    try:
        stack.up()
    except KeyboardInterrupt:
        console.print("Stopped before it was ready.")
        raise typer.Exit(130) from None
    try:
        print_table(["what", "where"], addresses(stack), f"Ready after {time.monotonic() - began:.0f} s")
        console.print("Ctrl-C stops everything; the next `up` continues from here.")
        _watch(stack)
    except KeyboardInterrupt:
        console.print("Stopping")
    finally:
        stack.down()
    console.print("Stopped.")


def _chosen(services: str) -> list[str]:
    """The services named, in the order in which they are started."""
    named = {each.strip() for each in services.split(",")} - {"none", ""}
    if unknown := named - set(SERVICES):
        raise Trouble(f"There is no service {', '.join(sorted(unknown))}", f"They are {', '.join(SERVICES)}.")
    return [service for service in SERVICES if service in named]


def _watch(stack: Stack) -> None:
    """The supervisor watches the programs; somebody must watch the supervisor."""
    while True:
        time.sleep(0.5)
        if not stack.is_supervised():
            console.print("The supervisor has died. Starting everything again.")
            stack.start_again()
            console.print("Ready again.")


def addresses(stack: Stack) -> list[tuple[str, str]]:
    """Where a person finds what, for the table at the end of `up`."""
    found = [(service, f"{stack.url(service)}/api/v1") for service in stack.services]
    if stack.zipkin:
        found.append(("traces", stack.zipkin.url))
    found.append(("mailbox", stack.mailbox.url))
    found += [
        ("kafka", f"{stack.kafka.bootstrap} (SCRAM; passwords in {stack.state / 'secrets.json'})"),
        ("postgresql", f"127.0.0.1:{stack.ports.postgres} (a database for each service)"),
        ("tokens", str(stack.state / "tokens.json")),
        ("logs", str(stack.state / "logs")),
    ]
    return found


def down(data: Data = None) -> None:
    """Stop the stack of a folder, from another terminal or after a crash."""
    folder = StateFolder(data or default_folder())
    stopped = stop_stack(folder)
    console.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


def stop_stack(folder: StateFolder) -> list[str]:
    """Ask the living `up` to stop, or end whoever is left of a dead one."""
    holder = folder.holder()
    if holder is None:
        return survivors.end(folder.path)
    os.kill(holder, signal.SIGTERM)
    wait_until(lambda: not psutil.pid_exists(holder) or folder.holder() is None, 120, "`up` did not stop")
    return ["up", *survivors.end(folder.path)]


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Which programs run, since when, and whether each service is ready."""
    found = _status(data or default_folder())
    if as_json:
        print_json(found)
    else:
        console.print(f"{found['folder']}: {'up' if found['up'] else 'not up'}")
        print_table(
            ["program", "state", "process", "address"],
            [[each["name"], each["state"], each["pid"] or "", each["address"]] for each in found["programs"]],
        )
    if not found["up"]:
        raise typer.Exit(3)


def _status(state: Path) -> dict[str, Any]:
    folder = StateFolder(state)
    holder = folder.holder()
    if holder is None:
        left = [
            {"name": p.name(), "state": "SURVIVOR", "pid": p.pid, "address": ""} for p in survivors.survivors(state)
        ]
        return {"folder": str(folder.path), "up": None, "programs": left}
    api = Api(state)
    states = Supervisor(folder.path, api.ports.supervisor, Secrets(folder.path / "secrets.json")).states()
    table = api.ports.table()
    programs = [
        {
            "name": name,
            "state": each["statename"],
            "pid": each["pid"] or None,
            "address": f"127.0.0.1:{table[name]}" if name in table else "",
        }
        for name, each in sorted(states.items())
    ]
    return {"folder": str(folder.path), "up": holder, "programs": programs}


def clean(data: Data = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop the stack and delete all its data. The archives that were fetched stay."""
    folder = StateFolder(data or default_folder())
    if not folder.path.exists():
        console.print(f"There is nothing in {folder.path}.")
        return
    if not yes and not typer.confirm(f"Delete all data in {folder.path}?"):
        raise Trouble("Nothing was deleted")
    # First: a server whose files are gone would hold its port for a minute.
    stop_stack(folder)
    folder.remove()
    console.print(f"Deleted the data in {folder.path}.")
