"""Spans that were kept while faults went on: what may not be in them, and what must be."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from infra.demo import people
from infra.demo.registers import schools
from shared.messaging.cause import new_id
from shared.telemetry import configure_tracing, shut_down_tracing, step, story
from tests.faults.final import Final
from tests.faults.good_run import SCHOOL, told
from tests.faults.history import History, Window
from tests.faults.must_read import MEMBERSHIP
from tests.faults.spans import Receiver, Span, Traced, naming_somebody
from tests.faults.told import OutcomeSaid

PERSON, BODY = (f"01a22c84-0000-7000-8000-00000000000{n}" for n in (1, 2))  # the same in each worker of a run
NAMED = next(iter(schools()))
DIES = 100.0
RECORDED = Span("membership", "t1", 99.0, "s1", ("outcome.record",))
READ = Span("notifications", "t1", 101.0, "s1", ("inbox",))


def run() -> tuple[History, Final]:
    """One outcome; notifications dies at a named place, and is there again at once."""
    outcome = told(SCHOOL, 1, "membership.outcome.published", said=OutcomeSaid(date(2023, 9, 4), "x"), story="s1")
    window = Window(
        "notifications: killed", 0, healed=DIES, bit=("notifications: died",), crash_points=("inbox.after_commit",)
    )
    final = Final(topics={MEMBERSHIP: [outcome]}, emails={PERSON: "a"}, terms={(BODY, PERSON, "2023-09-01"): 1})
    return History(windows=[window]), final


def found(*spans: Span) -> list[tuple[str, str]]:
    return list(Traced(list(spans)).findings(*run()))


def test_the_story_of_an_outcome_stays_in_one_trace_across_the_end_of_who_reads_it() -> None:
    """D3.12"""
    assert found(RECORDED, READ) == []
    assert found(RECORDED, replace(READ, trace="t2"))[0] == ("I2", "the story s1 of an outcome stands in 2 traces")


def test_a_run_in_which_no_story_was_followed_across_shows_nothing() -> None:
    assert found() == [
        ("I9", "no span tells of any outcome"),
        ("I9", "notifications: killed: no outcome can be followed from before into notifications afterwards"),
    ]
    before, elsewhere = replace(READ, began=99.5), replace(READ, service="meetings")
    assert [invariant for invariant, _ in found(RECORDED, before)] == ["I9"]
    assert [invariant for invariant, _ in found(RECORDED, elsewhere)] == ["I9"]


@pytest.mark.parametrize(
    "said",
    [
        PERSON,
        BODY,
        NAMED,
        f"School {NAMED} is closed",
        "900012",
        "937/school/x",
        f"{schools()[NAMED].name} is closed",
        people.cast()[0].name,
        people.cast()[0].email,
        "duty-desk@warwickshire.example",
    ],
)
def test_a_span_that_names_a_school_a_body_or_a_person_is_found(said: str) -> None:
    """R0.8, I13"""
    _, final = run()
    assert len(list(naming_somebody([RECORDED, replace(READ, words=("inbox", "detail", said))], final))) == 1


def test_ids_of_events_and_names_of_steps_name_nobody() -> None:
    _, final = run()
    words = ("POST /api/v1/schools/{urn}/told", "eventid", str(new_id()), "records", "15", "school-improvement")
    assert list(naming_somebody([replace(READ, words=words)], final)) == []


def test_what_a_service_sends_is_kept_and_read(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path / "run.spans")
    address = receiver.environment["OTEL_EXPORTER_ZIPKIN_ENDPOINT"]
    configure_tracing("membership", exporter="zipkin", zipkin_endpoint=address)
    event = new_id()
    with story("outcome.record") as begun, step("representation.reassign", cause=begun, event_id=event):
        pass
    shut_down_tracing()
    spans = receiver.end()
    assert {(each.service, each.story) for each in spans} == {("membership", str(begun.correlation_id))}
    assert len({each.trace for each in spans}) == 1
    assert sorted(each.words[0] for each in spans) == ["outcome.record", "representation.reassign"]
    assert any(str(event) in each.words for each in spans)
