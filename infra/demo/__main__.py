"""``make demo``: the whole product on real data, and two stories told from what its consumers saw.

python -m infra.demo [--exit] [--data DIR] [--port-base N] [--keep] [--no-tracing]
"""

import argparse
import asyncio
import shutil
import signal
import sys
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infra.demo import evidence, stories, verify
from infra.demo.client import Consortia, Refused, StillBusy
from infra.demo.evidence import Office
from infra.demo.receivers import DEPARTMENTS, HOST, Receiver
from infra.demo.registers import BRISTOL, WARWICKSHIRE
from infra.demo.replay import LAST_DAY, NotImported, Replay
from infra.local.folder import default_folder
from infra.local.keys import department_user
from infra.local.ports import DEFAULT_BASE, SERVICES
from infra.local.stack import Stack
from infra.local.trouble import Trouble
from shared.auth.tokens import mint

ROLES = ("demo", "la.officer", "la.school-improvement", "la.finance", "la.ops", "clerk")
WIDTH = 118  # where the output goes to a file, as in continuous integration
RECEIVERS_FROM = 11  # the receivers' ports are the base and 11, 12, 13


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.demo", description="The product on real data, in two stories"
    )
    parser.add_argument("--exit", action="store_true", help="verify, summarise and end; status 0 only if all held")
    parser.add_argument("--data", type=Path, help="where the demo keeps its state (default: beside the product's own)")
    parser.add_argument("--port-base", type=int, default=DEFAULT_BASE)
    parser.add_argument("--keep", action="store_true", help="keep the state after the end, to look at")
    parser.add_argument("--no-tracing", dest="tracing", action="store_false", help="leave Zipkin out")
    return parser.parse_args(arguments)


class Telling:
    """One bar that always shows the last thing that began."""

    def __init__(self, console: Console):
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=not console.is_terminal,
        )
        self.task: TaskID = self.progress.add_task("Starting", total=1)

    def __call__(self, what: str, done: int, total: int) -> None:
        self.progress.update(self.task, description=what, completed=done, total=total)

    def step(self, what: str) -> None:
        self(what, 0, 1)


def clear(folder: Path) -> None:
    """The demo begins afresh. Only a folder that an earlier demo made is cleared."""
    mark = folder / ".consortia-demo"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists():
            raise Trouble(f"{folder} holds something that no demo made", "Choose another folder with --data.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    mark.touch()


async def run(stack: Stack, console: Console, telling: Telling) -> list[verify.Check]:
    token = mint(
        stack.state / "token.key", subject="An invented officer", roles=ROLES, authorities=[WARWICKSHIRE, BRISTOL]
    )
    consortia = Consortia.at({service: stack.url(service) for service in SERVICES}, token)
    receivers = {
        department: Receiver(department, stack.ports.base + RECEIVERS_FROM + number)
        for number, department in enumerate(DEPARTMENTS)
    }
    office = Office(receivers, lambda department: stack.kafka_client(department_user(WARWICKSHIRE, department)))
    replay = Replay(consortia, telling)
    try:
        for receiver in receivers.values():
            await receiver.start()
        await replay.begin()
        await subscribe(consortia, receivers)
        await replay.live_through(LAST_DAY)
        telling.step("Reading what the departments received")
        category = await evidence.category_story(consortia, office, replay.stories)
        telling.step("Changing a chair")
        chair = await evidence.change_chair(consortia, office, today())
        now = {
            authority: await consortia["membership"].get("/speakers", authority=authority, on=today().isoformat())
            for authority in (WARWICKSHIRE, BRISTOL)
        }
        telling("Done", 1, 1)
        telling.progress.stop()
        stories.tell_beginning(console)
        stories.tell_category(console, category)
        stories.tell_chair(console, chair)
        stories.tell_now(console, today(), now)
        checks = verify.category_checks(category) + verify.chair_checks(chair) + verify.receiver_checks(receivers)
        stories.tell_checks(console, checks)
        return checks
    finally:
        await consortia.close()
        for receiver in receivers.values():
            await receiver.stop()


def today() -> date:
    """The real date, but never before the last day that was replayed."""
    return max(date.today(), LAST_DAY)  # noqa: DTZ011


async def subscribe(consortia: Consortia, receivers: dict[str, Receiver]) -> None:
    for department, receiver in receivers.items():
        answer = await consortia["notifications"].post(
            "/subscriptions", {"authority": WARWICKSHIRE, "department": department, "url": receiver.url}
        )
        receiver.secret = answer.body["secret"]


def main(arguments: list[str] | None = None) -> int:
    chosen = parse(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    folder = chosen.data or default_folder().with_name("consortia-demo")
    base = chosen.port_base
    began = time.monotonic()
    telling = Telling(console)
    stack = Stack(
        folder,
        base,
        chosen.tracing,
        test_clock=True,
        webhook_allow=[f"{HOST}:{base + RECEIVERS_FROM + number}" for number in range(len(DEPARTMENTS))],
        say=telling.step,
    )
    # Both ways to end us stop everything in order. A shell starts what runs in its background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, end)
    try:
        clear(folder)
        with telling.progress:
            stack.up()
            ready = time.monotonic()
            checks = asyncio.run(run(stack, console, telling))
        console.print(
            f"The stack was up after {ready - began:.0f} seconds, the stories told after {time.monotonic() - began:.0f}."
        )
        if not chosen.exit:
            stay(stack, console)
        return 0 if all(check.holds for check in checks) else 1
    except Trouble as trouble:
        console.print(f"[red]{trouble.sentence}[/red]\n{trouble.cure}")
        return 1
    except (Refused, StillBusy, NotImported) as problem:
        console.print(f"[red]{problem}[/red]")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        stack.down()
        if not chosen.keep and (folder / ".consortia-demo").exists():
            shutil.rmtree(folder, ignore_errors=True)


def end(*_: object) -> None:
    raise KeyboardInterrupt


def stay(stack: Stack, console: Console) -> None:
    """Stay up until Ctrl-C, with the addresses to look at."""
    console.print("\nThe services stay up until Ctrl-C:")
    for service in SERVICES:
        console.print(f"  {service:14} {stack.url(service)}/docs")
    if stack.tracing:
        console.print(f"  {'traces':14} http://{HOST}:{stack.ports.zipkin}/zipkin/")
    console.print(f"  {'mailbox':14} {stack.mailbox.url}", soft_wrap=True)
    console.print(f"  tokens are in {stack.state / 'tokens.json'}; the test clock stands at {today():%-d %B %Y}")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Stopping")


if __name__ == "__main__":
    sys.exit(main())
