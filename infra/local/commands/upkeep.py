"""Rebuilding a service's projections, and letting days pass."""

from collections.abc import Mapping
from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table
from infra.local.folder import StateFolder, default_folder
from infra.local.ports import SERVICES
from infra.local.running import RunningStack
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until
from shared.contracts.topics import all_topics


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


# Dates become facts in these; the others hear of them by events. A day is told by membership before funding counts it.
TURNS_DAYS = ("membership", "funding")
# What they call their refusal to let more than a week pass at once.
OF_THE_CLOCK = ("clock-waits", "clock-jumped")


def tick(
    today: Annotated[
        str | None, a_day("--today", "The day it shall be, as 2025-09-01; left out: the real one.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Somebody has looked at the clock: more than a week may pass at once.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One day for all services: set the test clock, do what has fallen due, wait until everybody has heard.

    On a stack with a real clock it sets nothing, and does at once what the days up to today have brought.
    """
    api = Api(data)
    services = api.description["services"]
    if today and not api.description["test_clock"]:
        raise Trouble("This stack runs on the real date", "Start one with --test-clock to give it another.")
    before = _recorded(api)
    if api.description["test_clock"]:
        body = {"today": today, "confirmed": confirm}
        for service in sorted(services, key=lambda each: each == "membership"):  # the one that speaks first comes last
            api.post(service, "/clock", body, role="demo")
    found = {service: api.get(service, "/clock", role="demo") for service in services}
    if len({answer["today"] for answer in found.values()}) > 1:
        days = ", ".join(f"{service} {answer['today']}" for service, answer in found.items())
        raise Trouble(f"The services disagree on the day: {days}", "Look at the clocks of their databases.")
    for service in (each for each in TURNS_DAYS if each in services):
        if service != TURNS_DAYS[0]:
            _all_heard(api)
        try:
            found[service] |= api.post(service, "/tick", timeout=600, confirm=confirm).json()
        except Trouble as trouble:
            if trouble.refusal not in OF_THE_CLOCK:
                raise  # whoever confirms the clock because something else went wrong may confirm a wrong one
            raise Trouble(trouble.sentence, "`tick --confirm` does it, once you have looked.") from None
    _all_heard(api)
    for service, count in _recorded(api).items():
        found[service]["recorded"] = count - before[service]
    if as_json:
        print_json(found)
    else:
        columns = ("today", "done", "failed", "recorded")
        rows = [[service, *(answer.get(name) for name in columns)] for service, answer in found.items()]
        print_table(["service", "today", "done", "failed", "facts recorded"], rows)
    _say_what_failed({service: answer["failed"] for service, answer in found.items() if answer.get("failed")})


CURES = {
    "membership": "`consortia due list` says what, and why; each with its cure; then `consortia due retry`.",
    "funding": "Its log says which bodies, and why; they are tried again at the next tick and on the next day.",
}


def _say_what_failed(failed: Mapping[str, int]) -> None:
    """The rest of the day is done; whoever called this is to know that something of it is not."""
    if failed:
        counts = ", ".join(f"{count} in {service}" for service, count in failed.items())
        raise Trouble(f"Something that was due could not be done: {counts}.", " ".join(CURES[each] for each in failed))


def _recorded(api: Api) -> dict[str, int]:
    return {
        service: sum(api.get(service, "/progress", role="la.ops")["recorded"].values())
        for service in api.description["services"]
    }


def _all_heard(api: Api) -> None:
    """Wait until what each service recorded is applied by all that read it."""
    wait_until(lambda: not _behind(api), 300, "The services have not heard of everything", every=0.2)


def _behind(api: Api) -> list[str]:
    seen = {service: api.get(service, "/progress", role="la.ops") for service in api.description["services"]}
    behind = [service for service, progress in seen.items() if progress["outbox"]]
    for topic in all_topics():
        if topic.department is not None or topic.owner not in seen:
            continue
        recorded = seen[topic.owner]["recorded"].get(topic.name, 0)
        for reader in set(topic.consumers) & set(seen):
            applied = seen[reader]["applied"].get(topic.name)
            if applied is None and (topic.compacted or reader == topic.owner):
                continue  # allowed to read it, but does not
            if (applied or 0) < recorded:
                behind.append(reader)
    return behind
