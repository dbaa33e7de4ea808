"""Three faults at once: one of a process, one of the broker, one of the database, drawn from all that may meet."""

import random
import signal

from infra.local.ports import SERVICES
from tests.faults import of_processes as processes
from tests.faults import of_servers as servers
from tests.faults import of_standing as standing
from tests.faults.of_servers import BROKER, DATABASE
from tests.faults.scenario import Cell, Fault

THREE = "three at once"
Three = tuple[Fault, Fault, Fault]


def three_at_once(dice: random.Random, held: float, session: float) -> Cell:
    """What befalls the process is drawn first, each kind as likely as another; then whatever may meet it."""
    kinds = [kind for kind in may_meet(held > session) if kind]
    chosen = dice.choice(dice.choice(kinds))
    return Cell(f"{THREE}: " + ", ".join(f"{each.who} {each.name}" for each in chosen), chosen, during=held)


def may_meet(past_session: bool) -> tuple[list[Three], ...]:
    """By kind of what befalls the process: killed, killed at a place, standing still (where there is time for it).

    Nobody comes by any place while broker or database stay away, and a broker whose disk is full says so only when somebody
    writes. Who stands still is looked at by the broker's and the database's own word, so these must be there for us.
    """
    passing = [(broker, database) for broker in passing_of_broker() for database in passing_of_database()]
    answering = [(broker, database) for broker in shut_off(BROKER) for database in shut_off(DATABASE)]
    any_two = [
        *((broker, database) for broker in (*passing_of_broker(), *shut_off(BROKER)) for database in of_database()),
        *((servers.stopped_server(BROKER), database) for database in of_database()),
        *((servers.disk_full(BROKER), database) for database in passing_of_database()),
    ]
    return (
        [(processes.kill(service), *two) for service in SERVICES for two in any_two],
        [(processes.crash(*place), *two) for place in processes.CRASHES for two in passing],
        [(standing.stand_still(service), *two) for service in SERVICES for two in answering if past_session],
    )


def passing_of_broker() -> list[Fault]:
    """What is over by itself, or lets work go on."""
    return [
        servers.kill_server(BROKER),
        servers.restart(BROKER, signal.SIGTERM, "restart"),
        servers.slow(BROKER, 0.2),
    ]


def passing_of_database() -> list[Fault]:
    return [
        servers.kill_server(DATABASE),
        servers.restart(DATABASE, signal.SIGQUIT, "immediate stop"),
        servers.slow(DATABASE, 0.02),
        servers.backends_killed(3),
    ]


def shut_off(name: str) -> list[Fault]:
    """From the services, not from us."""
    return [servers.unreachable(name), servers.half_open(name)]


def of_database() -> list[Fault]:
    return [
        *passing_of_database(),
        *shut_off(DATABASE),
        servers.stopped_server(DATABASE),
        servers.disk_full(DATABASE),
        servers.held_transaction(),
        servers.no_connections_left(),
    ]
