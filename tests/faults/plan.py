"""Which faults a run goes through, in which order and for how long: by its seed and its length alone."""

import random
import signal
from dataclasses import replace

from infra.local.ports import SERVICES
from tests.faults import of_groups as groups
from tests.faults import of_processes as processes
from tests.faults import of_records as records
from tests.faults import of_servers as servers
from tests.faults.of_servers import BROKER, DATABASE
from tests.faults.scenario import Cell, Fault, Plan

# In the short run; the long one has what `consortia up` has.
SESSION, LEASE, PATIENCE = 6.0, 3.0, 8.0
AFTER = 1.25  # seconds in which the pace after each fault is looked at, and so the pace before the next


def _cell(fault: Fault, held: float = 0.0) -> Cell:
    return Cell(f"{fault.who}: {fault.name}", (fault,), during=held)


def _crashes(*, each_place_once: bool = False) -> list[Cell]:
    chosen = dict(processes.CRASHES).items() if each_place_once else processes.CRASHES
    return [_cell(processes.crash(point, service)) for point, service in chosen]


def _processes(held: float) -> list[Cell]:
    return [
        *(_cell(processes.kill(service)) for service in SERVICES),
        *(_cell(processes.stand_still(service), held) for service in SERVICES),
        _cell(processes.clock_jump("membership")),
        _cell(processes.clock_jump("notifications")),
    ]


def _processes_in_short(held: float) -> list[Cell]:
    """Two of the four stand still at a time, and one clock jumps."""
    still = [tuple(processes.stand_still(each) for each in pair) for pair in (SERVICES[:2], SERVICES[2:])]
    return [
        *(_cell(processes.kill(service)) for service in SERVICES),
        *(Cell(f"{' and '.join(each.who for each in pair)}: {pair[0].name}", pair, during=held) for pair in still),
        _cell(processes.clock_jump("notifications")),
    ]


def _servers(held: float, away: float) -> list[Cell]:
    return [
        _cell(servers.kill_server(BROKER)),
        _cell(servers.restart(BROKER, signal.SIGTERM, "restart")),
        _cell(servers.unreachable(BROKER), away),
        _cell(servers.half_open(BROKER), held),
        _cell(servers.slow(BROKER, 0.2), held / 2),
        _cell(servers.stopped_server(BROKER), held),
        _cell(servers.kill_server(DATABASE)),
        _cell(servers.restart(DATABASE, signal.SIGQUIT, "immediate stop")),
        _cell(servers.unreachable(DATABASE), held / 2),
        _cell(servers.half_open(DATABASE), held / 2),
        _cell(servers.slow(DATABASE, 0.02), held / 2),
        _cell(servers.backends_killed(int(held))),
        _cell(servers.disk_full(BROKER), held),
        _cell(servers.disk_full(DATABASE), held),
        _cell(servers.held_transaction(), max(held, 4.0)),  # longer than anybody waits for a lock
        _cell(servers.no_connections_left(), held / 2),
    ]


def _groups(storms: int) -> list[Cell]:
    return [
        _cell(records.bad_records()),
        _cell(groups.rebalance_storm("notifications", storms)),
        _cell(groups.replicas_come(1)),
        _cell(groups.replicas_come(2)),
        _cell(groups.replica_killed("notifications", 2)),
        _cell(groups.replicas_go()),
        _cell(groups.rolling_upgrade()),
    ]


def _at_once(dice: random.Random, held: float) -> Cell:
    """Three of those that may meet: one of a process, one of the broker, one of the database."""
    chosen = (
        dice.choice([processes.kill(service) for service in SERVICES]),
        dice.choice([servers.kill_server(BROKER), servers.unreachable(BROKER), servers.half_open(BROKER)]),
        dice.choice([servers.kill_server(DATABASE), servers.unreachable(DATABASE), servers.backends_killed(3)]),
    )
    return Cell("three at once: " + ", ".join(f"{each.who} {each.name}" for each in chosen), chosen, during=held)


def short(seed: int) -> Plan:
    """Each fault once, none longer than 15 s."""
    dice = random.Random(seed)
    cells = [
        *_crashes(each_place_once=True),
        *_processes_in_short(SESSION + 1.0),
        *_servers(3.0, 6.0),
        *_groups(2),
        _at_once(dice, 3.0),
    ]
    cells = [replace(cell, after=AFTER) for cell in cells]
    return Plan(
        seed, tuple(cells), 8, 2, large=30, schools=60, editions=2, room=400,
        session_seconds=SESSION, lease_seconds=LEASE, patience_seconds=PATIENCE, day_seconds=4, least_events=20_000,
    )  # fmt: skip


def long(seed: int, seconds: float) -> Plan:
    """The same at full length, shuffled, again and again until the time is up; three at once between the rounds."""
    dice = random.Random(seed)
    cells: list[Cell] = []
    while sum(_about(each) for each in cells) < seconds:
        one_of_each = [*_crashes(), *_processes(15.0), *_servers(20.0, 90.0)]
        dice.shuffle(one_of_each)
        cells += [*one_of_each, *(_groups(8) if len(cells) == 0 else _groups(8)[1:]), _at_once(dice, 15.0)]
    return Plan(
        seed, tuple(cells), 8, 4, large=100, schools=500, editions=12, room=1_500,
        session_seconds=10, lease_seconds=10, patience_seconds=15, day_seconds=8,
        least_events=round(1_000_000 * seconds / 1800),
    )  # fmt: skip


def _about(cell: Cell) -> float:
    """Seconds that a cell takes, as a guess from the short run."""
    return cell.during + cell.after + 8.0
