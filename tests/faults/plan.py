"""Which faults a run goes through, in which order and for how long: by its seed and its length alone."""

import random
import signal
from collections.abc import Sequence
from dataclasses import replace

from infra.local.ports import SERVICES
from tests.faults import of_groups as groups
from tests.faults import of_processes as processes
from tests.faults import of_records as records
from tests.faults import of_servers as servers
from tests.faults import of_standing as standing
from tests.faults import pieces
from tests.faults.at_once import three_at_once
from tests.faults.of_servers import BROKER, DATABASE
from tests.faults.scenario import KILLED, SERVER, Cell, Fault, Plan

# In the short run; the long one has what `consortia up` has.
SESSION, LEASE, PATIENCE = 6.0, 3.0, 8.0
SESSION_IN_LONG, LEASE_IN_LONG, PATIENCE_IN_LONG = 10.0, 10.0, 15.0
AFTER = 0.5  # seconds in which the pace after each fault is looked at; in the long run it is a few more, while a piece is taken
LONGEST = 15.0  # seconds that a fault of the short run should last
IN_CI = 600.0  # seconds after which all of it fails: six minutes are meant, and a machine may be slower
TWICE = 2.0  # times the aim: on two cores, and beside whatever else a machine has to do, one of forty is late by chance
# Files of 500 schools: among fewer each is inspected more often than any ever was, and every decision reads all of it.
AS_MANY_AS_ENGLAND = 40
PAIRS = (SERVICES[::3], SERVICES[1:3])  # of services to which the same is done at once
WHOLE = 1800.0  # seconds of a run in which there is time for every fault
IN_TURN = 30  # pieces of work of a whole run that are of different schools


def _cell(fault: Fault, held: float = 0.0) -> Cell:
    return Cell(f"{fault.who}: {fault.name}", (fault,), during=held)


def _cells(faults: Sequence[Fault], held: float = 0.0) -> Cell:
    """These at once, each of another."""
    return Cell("; ".join(f"{fault.who}: {fault.name}" for fault in faults), tuple(faults), during=held)


def _crashes() -> list[Cell]:
    return [_cell(processes.crash(point, service)) for point, service in processes.CRASHES]


def _crashes_in_short() -> list[Cell]:
    return [_cells([processes.crash(*each) for each in pair]) for pair in processes.CRASHES_IN_SHORT]


def _processes(held: float) -> list[Cell]:
    return [
        *(_cell(processes.kill(service)) for service in SERVICES),
        *(_cell(standing.stand_still(service), held) for service in SERVICES),
        *(_cells([processes.clock_jump(each, LEASE_IN_LONG + 1.0) for each in pair]) for pair in PAIRS),
    ]


def _processes_in_short() -> list[Cell]:
    """Two are killed at a time, one clock jumps, and who stands still does so among replicas (`_groups`)."""
    return [
        *(_cells([processes.kill(each) for each in pair]) for pair in PAIRS),
        _cell(processes.clock_jump("notifications", 1.0)),
    ]


def _servers(held: float, away: float, stopped: float) -> list[Cell]:
    """``stopped``: seconds that the database stands still; the broker does so no shorter, and as long as it is held."""
    return [
        _cell(servers.kill_server(BROKER)),
        _cell(servers.restart(BROKER, signal.SIGTERM, "restart")),
        _cell(servers.unreachable(BROKER), away),
        _cell(servers.half_open(BROKER), held),
        _cell(servers.slow(BROKER, 0.2), held / 2),
        _cell(servers.stopped_server(BROKER), max(held, stopped)),
        _cell(servers.kill_server(DATABASE)),
        _cell(servers.restart(DATABASE, signal.SIGQUIT, "immediate stop")),
        _cell(servers.unreachable(DATABASE), held / 2),
        _cell(servers.half_open(DATABASE), held / 2),
        _cell(servers.slow(DATABASE, 0.02), held / 2),
        _cell(servers.backends_killed(max(int(held), len(SERVICES)))),
        _cell(servers.disk_full(BROKER), held),
        _cell(servers.disk_full(DATABASE), held),
        _cell(servers.held_transaction(), max(held, 4.0)),  # longer than anybody waits for a lock
        _cell(servers.stopped_server(DATABASE), stopped),
        _cell(servers.no_connections_left(), held / 2),
    ]


def _groups(
    storms: int, still: float, *, session: float, at_once: int, first: int = records.OUR_OWN_NUMBERS
) -> list[Cell]:
    """What befalls topics and groups, in an order that keeps replicas from one to the next.

    Beside another stands still who relays, of so many services ``at_once``; of membership between its look and its send.
    """
    who_relays = [
        standing.stand_still_at("relay.before_send", "membership"),
        *(standing.stand_still(service) for service in SERVICES[1:]),
    ]
    return [
        _cell(records.bad_records(first)),
        _cell(groups.rebalance_storm("notifications", storms, session)),
        _cell(groups.replicas_come(1)),
        *(_among_replicas(who_relays[n : n + at_once], still) for n in range(0, len(who_relays), at_once)),
        _cell(groups.replicas_come(2)),
        _cell(groups.replica_killed("notifications", 2, within=session + KILLED)),
        _cell(groups.replicas_go()),
        _cell(groups.rolling_upgrade()),
    ]


def _among_replicas(faults: Sequence[Fault], held: float) -> Cell:
    """Several at once have as long as when all change: each that was replaced ends and is started again, on two cores."""
    if len(faults) > 1:
        faults = [replace(each, within=SERVER) for each in faults]
    cell = _cells(faults, held)
    return replace(cell, name=f"{cell.name}, beside another")


def short(seed: int) -> Plan:
    """Each fault once, none longer than 15 s."""
    dice = random.Random(seed)
    cells = [
        *_crashes_in_short(),
        *_processes_in_short(),
        *_servers(2.0, 5.0, LEASE + 1.0),
        *_groups(2, SESSION + 1.0, session=SESSION, at_once=4),
        three_at_once(dice, 3.0, SESSION),
    ]
    cells = [replace(cell, after=AFTER) for cell in cells]
    return Plan(
        seed, tuple(cells), 8, 2, large=15, schools=60, editions=2, room=100,
        session_seconds=SESSION, lease_seconds=LEASE, patience_seconds=PATIENCE, day_seconds=4,
        least_events=20_000, at_most=IN_CI, longest=LONGEST, judged_at=TWICE,
    )  # fmt: skip


def long(seed: int, seconds: float) -> Plan:
    """The same at full length, shuffled, again and again until the time is up; three at once in and between the rounds.

    Once a transaction is held for three minutes, past every patience; only over what the bulk of the load leaves alone.
    """
    dice = random.Random(seed)
    cells: list[Cell] = []
    rounds = 0
    while sum(_about(each) for each in cells) < seconds:
        one_of_each = [
            *_crashes(),
            *_processes(15.0),
            *_servers(20.0, 90.0, PATIENCE_IN_LONG + 3.0),
            three_at_once(dice, 15.0, SESSION_IN_LONG),
        ]
        if rounds == 0:
            one_of_each.append(_cell(servers.held_transaction(servers.REGISTER), 180.0))
        dice.shuffle(one_of_each)
        first = records.OUR_OWN_NUMBERS + records.KEYS * rounds
        cells += [
            *one_of_each,
            *_groups(8, 15.0, session=SESSION_IN_LONG, at_once=1, first=first),
            three_at_once(dice, 15.0, SESSION_IN_LONG),
        ]
        rounds += 1
    cells = [replace(cell, after=AFTER) for cell in cells]
    return Plan(
        seed, tuple(cells), 8, 4, large=100, schools=500, editions=AS_MANY_AS_ENGLAND, room=1_500,
        session_seconds=SESSION_IN_LONG, lease_seconds=LEASE_IN_LONG, patience_seconds=PATIENCE_IN_LONG, day_seconds=8,
        least_events=round(1_000_000 * seconds / WHOLE), complete=seconds >= WHOLE,
        piece_every=1, piece_schools=_reserved(seconds),
    )  # fmt: skip


def _reserved(seconds: float) -> int:
    """Schools for fixed pieces of work, as many as let none be inspected more than five times."""
    return pieces.SCHOOLS * max(round(IN_TURN * seconds / WHOLE), 4)


def _about(cell: Cell) -> float:
    """Seconds that a cell takes, as a guess from the short run."""
    return cell.during + cell.after + 8.0


class NoSuchCell(Exception):
    def __init__(self, name: str, there_are: Sequence[Cell]):
        super().__init__(f"no cell is called {name!r}; there are:\n  " + "\n  ".join(cell.name for cell in there_are))


def only(going: Plan, names: Sequence[str]) -> Plan:
    """The cells whose name contains one of these. It is no whole run: there need not be many events, nor every fault."""
    names = [name for name in names if name] or ["nothing"]
    for name in names:
        if not any(name in cell.name for cell in going.cells):
            raise NoSuchCell(name, going.cells)
    cells = tuple(cell for cell in going.cells if any(name in cell.name for name in names))
    return replace(going, cells=cells, least_events=0, at_most=float("inf"), complete=False)
