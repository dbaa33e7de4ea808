"""Named places at which a fault test may end or stop this process. They do nothing unless the environment names one.

``CRASH_AT=relay.after_send:3`` kills it without warning when that place is reached for the third time;
``PAUSE_AT`` stops it there, as a hypervisor or a debugger would, until it is sent SIGCONT. ``CRASH_FILE`` names a file
that may say the same of a process that runs already: its line is ``relay.after_send`` or ``pause relay.after_send``, and
it is taken away as it is obeyed, so that the process started next does not die of it too.
"""

import os
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

POINTS = (
    "unit.before_commit",  # everything of a unit of work is written, nothing committed
    "unit.after_commit",  # committed, and whoever asked has not heard of it
    "relay.before_send",  # rows read, the lease looked at, nothing sent
    "relay.after_send",  # the broker has them, the outbox too
    "inbox.before_commit",  # a batch is applied within its transaction, nothing committed
    "inbox.after_commit",  # a batch is applied, its offsets are not committed
    "message.before_send",  # a letter is written and due, and nobody has been asked to take it
    "message.after_send",  # the mail server has accepted a message, and nothing is recorded of it
    "stages.opened",  # who is told next has been told, nothing committed
    "delivery.before_send",  # a webhook's round has begun, and no receiver has been asked
    "delivery.after_send",  # a webhook's receiver has answered, and nothing is recorded of it
    "import.staged",  # some lines of a file are kept, the file is not accepted
    "import.accepted",  # a file is accepted, and whoever sent it has not heard of it
    "import.chunk_applied",  # some lines of an accepted file are applied, the rest and its end are not
    "days.turned",  # what a day brings is written, nothing committed
    "call.passed_on",  # the next in line about an inspection is asked, nothing committed
    "call.closed",  # an inspection call whose report is out is closed, nothing committed
    "people.said_again",  # a person of whom an old record came late is written once more, nothing committed
    "year.looked_at",  # the awards that a day is due to open are open, nothing committed
)


def _wanted(variable: str) -> tuple[str, int] | None:
    value = os.environ.get(variable)
    if not value:
        return None
    name, _, time = value.partition(":")
    if name not in POINTS:
        raise ValueError(f"{variable} names {name}, which is none of {', '.join(POINTS)}")
    return name, int(time or 1)


_crash, _pause = _wanted("CRASH_AT"), _wanted("PAUSE_AT")
_file = Path(os.environ["CRASH_FILE"]) if "CRASH_FILE" in os.environ else None
_reached: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """This place was reached."""
    if _file is not None:
        _obey(_file, name)
    if _crash is None and _pause is None:
        return
    _reached[name] += 1
    if (name, _reached[name]) == _crash:
        os.kill(os.getpid(), signal.SIGKILL)
    if (name, _reached[name]) == _pause:
        os.kill(os.getpid(), signal.SIGSTOP)


def _obey(file: Path, name: str) -> None:
    with suppress(FileNotFoundError):
        asked = file.read_text().strip()
        if asked in (name, f"pause {name}"):
            file.unlink()  # by one process alone: of two replicas the other finds nothing
            os.kill(os.getpid(), signal.SIGKILL if asked == name else signal.SIGSTOP)
