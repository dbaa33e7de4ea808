"""Who ends by himself where he should wait is found, though the supervisor has started him again two seconds later (D3.8)."""

import calendar
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults import ends
from tests.faults.checks import violations
from tests.faults.ends import KILLED, NOBODY_SAW, REPLACED, STOPPED, Ends, counted, last_words
from tests.faults.good_run import good_run
from tests.faults.history import Ended, Journal, Seen, Window, read
from tests.faults.replicas import Replicas

# As the supervisor writes it; in between it tells of much else.
SAID = """\
2026-11-30 17:08:20,100 INFO supervisord started with pid 6360
2026-11-30 17:08:27,001 INFO spawned: 'kafka' with pid 6370
2026-11-30 17:08:28,002 INFO spawned: 'membership' with pid 100
2026-11-30 17:08:28,003 INFO spawned: 'meetings' with pid 200
2026-11-30 17:08:29,004 INFO success: membership entered RUNNING state, process has stayed up for > than 1 seconds
2026-11-30 17:09:28,447 WARN exited: membership (terminated by SIGKILL; not expected)
2026-11-30 17:09:28,450 INFO spawned: 'membership' with pid 101
2026-11-30 17:10:00,100 WARN exited: kafka (exit status 1; not expected)
2026-11-30 17:11:24,966 WARN stopped: membership (terminated by SIGTERM)
2026-11-30 17:11:26,100 INFO spawned: 'membership' with pid 102
"""
AT = calendar.timegm((2026, 11, 30, 17, 0, 0))


def ended_at_12(how: str, who: str = "meetings") -> str:
    return SAID + (
        f"2026-11-30 17:12:00,500 WARN exited: {who} ({how}; not expected)\n"
        f"2026-11-30 17:12:00,600 INFO spawned: '{who}' with pid 201\n"
    )


def by_our_will() -> Ends:
    found = Ends()
    found.dooms("membership", 100)
    return found


def test_who_was_killed_or_asked_to_stop_has_not_ended_by_himself() -> None:
    first, second = by_our_will().of_all(SAID)
    assert (first.who, first.pid, first.how, first.wanted) == ("membership", 100, "terminated by SIGKILL", KILLED)
    assert first.at == pytest.approx(AT + 9 * 60 + 28.447)
    assert (second.who, second.pid, second.wanted) == ("membership", 101, STOPPED)


@pytest.mark.parametrize(
    "how",
    [
        "exit status 71",  # a record without a fate
        "terminated by SIGTERM",  # a loop that is over takes the process with it
        "exit status 70",  # its lease is another's, and there is no other
        "exit status 0",
        "terminated by SIGKILL",  # of the machine, for want of memory
        "terminated by SIGSEGV (core dumped)",
    ],
)
def test_whoever_ends_otherwise_has_ended_by_himself(how: str) -> None:
    (found,) = ends.by_themselves(by_our_will().of_all(ended_at_12(how)))
    assert (found.who, found.pid, found.how) == ("meetings", 200, how)
    assert by_our_will().of_all(ended_at_12(how).replace("not expected", "expected"))[-1] == found


def test_who_should_die_at_a_place_and_ended_otherwise_has_ended_by_himself() -> None:
    doomed = by_our_will()
    doomed.dooms("meetings", 200)
    assert ends.by_themselves(doomed.of_all(ended_at_12("terminated by SIGKILL"))) == []
    assert len(ends.by_themselves(doomed.of_all(ended_at_12("exit status 71")))) == 1


def test_who_is_started_once_more_without_an_end_has_ended_unseen() -> None:
    said = SAID + "2026-11-30 17:12:00,600 INFO spawned: 'meetings' with pid 201\n"
    (found,) = ends.by_themselves(by_our_will().of_all(said))
    assert (found.who, found.pid, found.how) == ("meetings", 200, NOBODY_SAW)


def test_a_relay_that_was_replaced_ends_as_designed_where_there_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """D3.4: of the same service, and at that time."""
    replaced = ended_at_12("exit status 70")
    for service, began, is_designed in (("meetings", 11, True), ("funding", 11, False), ("meetings", 13, False)):
        found = by_our_will()
        monkeypatch.setattr(ends, "now", lambda began=began: AT + began * 60.0)
        found.begins(service, 1, 300)
        assert (ends.by_themselves(found.of_all(replaced)) == []) is is_designed
    assert len(ends.by_themselves(by_our_will().of_all(replaced))) == 1


@pytest.mark.parametrize(
    ("status", "wanted", "told"),
    [
        (-9, KILLED, KILLED),
        (-15, STOPPED, STOPPED),
        (70, "", REPLACED),  # beside it there is always its service's own
        (71, "", ""),
        (-15, "", ""),
    ],
)
def test_of_a_replica_its_status_says_how_it_ended(status: int, wanted: str, told: str) -> None:
    found = by_our_will()
    found.begins("meetings", 1, 300)
    found.ended(300, status, wanted)
    (of_replica,) = (each for each in found.of_all(SAID) if each.who == "meetings-1")
    assert (of_replica.pid, of_replica.wanted) == (300, told)


def test_a_replica_that_had_ended_by_itself_is_no_better_for_being_asked_to_stop_afterwards() -> None:
    found = by_our_will()
    found.begins("meetings", 1, 300)
    found.ended(300, 71)
    found.ended(300, 71, STOPPED)
    assert [each.who for each in ends.by_themselves(found.of_all(SAID))] == ["meetings-1"]


LOG = """\
{"event": "Started server process [200]", "level": "info", "timestamp": "2026-11-30T16:00:00Z"}
{"event": "relay.waits", "level": "warning", "problem": "TimeoutError"}
{"records": 7, "event": "inbox.no_fate", "level": "critical", "error": "KeyError", "error_at": ["a.py:1 f", "b.py:2 g"]}
{"event": "Started server process [201]", "level": "info"}
{"event": "relay.lease_lost", "level": "error", "gone": 1.2}
"""


def test_the_end_of_a_log_says_why_and_not_that_of_the_process_after_it(tmp_path: Path) -> None:
    log = tmp_path / "meetings.log"
    log.write_text(LOG)
    assert last_words(log, [201, 202]) == "inbox.no_fate KeyError at b.py:2 g"
    assert last_words(log, [202]) == "relay.lease_lost"
    of_others = (
        '{"event": "Unable connect to node", "level": "error"}\n'  # what goes wrong for whoever ends is no reason
    )
    log.write_text(
        LOG.replace('{"event": "Started server process [201]"', of_others + '{"event": "Started server process [201]"')
    )
    assert last_words(log, [201]) == "inbox.no_fate KeyError at b.py:2 g"
    log.write_text(LOG.replace('"critical"', '"warning"'))
    assert last_words(log, [201]) == "Started server process [200] | relay.waits | inbox.no_fate KeyError at b.py:2 g"
    log.write_text(LOG + "Traceback (most recent call last):\nImportError: no module of that name\n")
    assert last_words(log, []).endswith("Traceback (most recent call last): | ImportError: no module of that name")
    plain = "2026-11-30 18:06:48,684 WARNING - Make sure the topics exist.\n"  # in a library's own words
    log.write_text(
        LOG.replace('{"event": "Started server process [201]"', plain + '{"event": "Started server process [201]"')
    )
    assert last_words(log, [201]) == "inbox.no_fate KeyError at b.py:2 g"
    assert last_words(tmp_path / "none.log", []) == "it said nothing"


def test_what_is_told_is_in_the_history_with_the_fault_and_the_words(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "supervisor.log").write_text(ended_at_12("exit status 71"))
    (logs / "meetings.log").write_text(LOG)
    journal = Journal(tmp_path / "history.jsonl")
    for each in by_our_will().told(logs):
        journal.keep(each)
    journal.close()
    history = read(tmp_path / "history.jsonl")
    assert history.seen == [Seen(ends.STARTS, history.seen[0].at, {"kafka": 1, "membership": 3, "meetings": 2})]
    assert [each.wanted for each in history.ends] == [KILLED, STOPPED, ""]
    history.windows = [Window("kafka: unreachable", 0, AT + 11 * 60, AT + 13 * 60, AT + 14 * 60, recovery=1.0)]
    _, final = good_run()
    (finding,) = violations(history, final)["I10"][:1]
    assert finding == (
        "meetings: process 200 ended by itself (exit status 71) at 17:12:00, during kafka: unreachable: "
        "inbox.no_fate KeyError at b.py:2 g"
    )
    history.windows = []
    assert ", between two faults: " in violations(history, final)["I10"][0]


def test_ends_are_counted_by_whose_will() -> None:
    some: Any = [Ended("meetings", 1, 0.0, "", wanted) for wanted in (KILLED, KILLED, STOPPED, "")]
    assert counted(some) == "2 killed, 1 asked to stop, 0 replaced by another (as designed), 1 by themselves"


class Kept(Replicas):
    """Replicas that are small programs, and are started again in name only."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = {}
        self.started_again: list[str] = []

    def runs(self, service: str, program: str) -> None:
        process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
        self.replicas[service, 1] = process
        self.ends.begins(service, 1, process.pid)

    def start_replica(self, service: str, number: int, module: str | None = None) -> None:
        self.started_again.append(service)

    def whose_will(self) -> dict[str, str]:
        return {each.who: each.wanted for each in self.ends.of_all("")}


WAITS, ENDS = "input()", "raise SystemExit(71)"


async def test_of_replicas_who_is_stopped_or_killed_is_told_from_who_had_ended_before() -> None:
    kept = Kept()
    for service, program in (("meetings", WAITS), ("funding", WAITS), ("notifications", ENDS)):
        kept.runs(service, program)
    kept.replicas["notifications", 1].wait()
    await kept.stop_replica("meetings", 1)
    await kept.kill_replica("funding", 1)
    await kept.stop_replica("notifications", 1)
    assert kept.whose_will() == {"meetings-1": STOPPED, "funding-1": KILLED, "notifications-1": ""}
    assert kept.replicas == {}


def test_a_replica_that_has_ended_is_started_again_and_told_of() -> None:
    kept = Kept()
    kept.runs("notifications", ENDS)
    kept.replicas["notifications", 1].wait()
    kept._start_what_has_ended()
    assert (kept.started_again, kept.whose_will()) == (["notifications"], {"notifications-1": ""})
