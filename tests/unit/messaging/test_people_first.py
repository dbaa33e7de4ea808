"""Each fact says how many of those recorded with it people are told of: its reader may get them in pieces (R0.8)."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from shared.contracts.envelope import Envelope, read_envelope
from shared.contracts.membership import OutcomePublished, RepresentationReassigned
from shared.contracts.registry import EventData, Sensitivity, type_of
from shared.messaging.order import Together, people_first
from shared.messaging.outbox import Unsent

FELL, SPOKEN_FOR = OutcomePublished, RepresentationReassigned


def fact(
    model: type[EventData], story: UUID, sensitivity: Sensitivity = Sensitivity.RESTRICTED, topic: str = ""
) -> Unsent:
    envelope = Envelope(
        uuid4(), "/consortia/membership", type_of(model).name, "100001", datetime(2024, 3, 4, tzinfo=UTC), 1, 1, story,
        None, None, sensitivity, True, None,
    )  # fmt: skip
    return Unsent(topic or type_of(model).topic, "937/school/100001", envelope, b"{}")


def marks(unsent: list[Unsent]) -> list[str | None]:
    return [record.envelope.people_first for record in people_first(unsent)]


def test_every_fact_of_a_story_names_its_people_s_part_and_other_stories_don_t():
    story, other = uuid4(), uuid4()
    unsent = [fact(FELL, story), fact(SPOKEN_FOR, story), fact(FELL, other), fact(SPOKEN_FOR, story)]
    mark = str(Together(unsent[1].envelope.id, 2))
    assert marks(unsent) == [mark, mark, None, mark]
    assert Together.read(mark) == Together(unsent[1].envelope.id, 2)


def test_a_fact_of_which_nobody_gets_a_message_and_a_department_s_copy_count_for_nothing():
    story = uuid4()
    assert marks([fact(FELL, story), fact(SPOKEN_FOR, story, Sensitivity.CONFIDENTIAL)]) == [None, None]
    assert marks([fact(SPOKEN_FOR, story, topic="consortia.937.finance.events.v1")]) == [None]


def test_the_mark_rides_in_a_header():
    (record,) = people_first([fact(SPOKEN_FOR, uuid4())])
    headers = [(name, value.encode()) for name, value in record.envelope.headers()]
    assert read_envelope(headers) == record.envelope
