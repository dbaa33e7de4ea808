"""Before a school is recorded as told an officer sees who would hear what, and nobody hears by that (R0.8)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import school_key
from shared.contracts.membership import SchoolTold
from shared.messaging.cause import new_id
from tests.store.notifications.conftest import BRISTOL, DAY, OAK, WARWICKSHIRE, id_of, key_of
from tests.store.notifications.post import CHAIR, HEAD, LEADER, Post
from tests.store.notifications.test_api import Ask, ask
from tests.store.notifications.test_informing import FELL

__all__ = ["ask"]


async def would_hear(ask: Ask, *stories: UUID, chair: UUID | None = None, **who: Any) -> Any:
    asked = "&".join([*(f"story={each}" for each in stories), *([f"chair_of_governors={chair}"] if chair else [])])
    return await ask(f"/schools/{OAK}/who-would-hear?{asked}", **who)


async def test_whoever_would_hear_is_whoever_then_hears_and_looking_tells_nobody(post: Post, ask: Ask):
    """R0.8: the head first, then the old and the new speaker, and what a department would be given."""
    story, governor = new_id(), uuid4()
    fell = post.notifications.record_of(FELL, key_of(), story=story, told=False)
    moved = post.reassigned(story=story, told=False)
    await post.notifications.reads(fell, moved)
    before = await _everything(post)

    seen = (await would_hear(ask, story, chair=governor)).json()
    people = [(each["person_id"], each["kind"], each["name"], each["reason"]) for each in seen["people"]]
    assert people == [
        *sorted([(str(HEAD), "speaker-changed", "Invented head", None), (str(governor), "governors-hear", None, None)]),
        *sorted(
            [
                (str(CHAIR), "you-no-longer-speak", "Invented chair", None),
                (str(LEADER), "you-speak", "Invented leader", None),
            ]
        ),
    ]
    assert "another person or office speaks for School 100001" in seen["people"][0]["sentence"]
    assert seen["not_read_yet"] == []
    assert await _everything(post) == before
    assert await post.delivers() == []

    told = SchoolTold(urn=OAK, told_on=DAY, releases=[story], chair_of_governors_id=governor)
    await post.notifications.reads(post.notifications.record_of(told, school_key(WARWICKSHIRE, OAK)))
    written = [(str(person), kind) for person, kind in await post.messages("person_id", "kind")]
    assert sorted(written) == sorted((person, kind) for person, kind, _, _ in people)


async def test_what_departments_would_be_given_is_what_they_are_given(post: Post, ask: Ask):
    """R0.8, D3.2: a change of office of a story that waits, and one that waits only behind it."""
    from tests.store.notifications.test_informing import HEADS, took_office

    story, later = new_id(), new_id()
    held = post.notifications.record_of(took_office(1), HEADS, told=False, story=story)
    behind = post.notifications.record_of(took_office(2), HEADS, story=later)
    await post.notifications.reads(held)
    await post.notifications.reads(behind)
    seen = (await would_hear(ask, story)).json()["departments"]
    assert [(each["department"], each["event_id"], each["at_once"]) for each in seen] == [
        ("governance", str(id_of(held)), True),
        ("governance", str(id_of(behind)), True),
    ]
    assert await post.notifications.topic("governance") == []
    await post.notifications.reads(post.school_told(story))
    given = await post.notifications.topic("governance")
    assert [str(each.envelope.id) for each in given] == [each["event_id"] for each in seen]


async def test_a_story_of_which_nothing_has_come_yet_is_named(post: Post, ask: Ask):
    """R0.8: an officer who looks a moment after the act is not told that nobody would hear of it."""
    on_its_way = new_id()
    seen = (await would_hear(ask, on_its_way)).json()
    assert (seen["people"], seen["departments"], seen["not_read_yet"]) == ([], [], [str(on_its_way)])


async def test_whether_a_story_of_another_authority_was_read_is_not_to_be_seen(post: Post, ask: Ask):
    """R0.8: what goes on there changes no answer here, whatever id is asked for."""
    elsewhere, moved = new_id(), new_id()
    asked = str((await would_hear(ask, elsewhere)).json())
    there = key_of("100009", BRISTOL)
    await post.notifications.reads(
        post.notifications.record_of(FELL.model_copy(update={"urn": "100009"}), there, story=elsewhere)
    )
    assert str((await would_hear(ask, elsewhere)).json()) == asked
    # A story that began before the school itself came over the border has been read all the same.
    await post.notifications.reads(post.notifications.record_of(FELL, key_of(OAK, BRISTOL), story=moved, told=False))
    assert (await would_hear(ask, moved)).json()["not_read_yet"] == []


@pytest.mark.parametrize("roles", [["headteacher"], ["la.ops"], ["la.school-improvement"], ["chair"], ["department"]])
async def test_nobody_but_an_officer_of_the_authority_sees_who_would_hear(post: Post, ask: Ask, roles: list[str]):
    """R0.8: that something is held back is itself not for everybody."""
    story = new_id()
    await post.notifications.reads(post.reassigned(story=story, told=False))
    assert (await would_hear(ask, story, roles=roles)).status_code == 403
    assert (await would_hear(ask, story, authorities=["801"])).status_code == 403


async def _everything(post: Post) -> list[object]:
    """What is held, what was told and what is to be said, row by row."""
    found: list[object] = []
    for table in ("held", "gate", "told_school", "hears_with_the_head", "message", "outbox"):
        rows = await post.notifications.rows(f"select to_jsonb(t)::text as row from {table} t order by 1")
        found.append((table, [row.row for row in rows]))
    return found
