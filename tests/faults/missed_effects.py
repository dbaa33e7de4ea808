"""The same where a record was applied and its effect is missing, doubled or another's: what the checkers of effects catch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from shared.contracts.membership import desk_id
from shared.messaging.rebuild import Rebuilt
from tests.faults.final import Final
from tests.faults.found import Delivery, Entry, Letter
from tests.faults.good_run import BODY, CHAIR, DESK, FINANCE, IMPROVEMENT, INTERNAL, PUBLISHED, SCHOOL, URN, told
from tests.faults.history import FAILED, UNKNOWN, History
from tests.faults.told import ChangeSaid


def forget_a_term_of_office(history: History, final: Final) -> None:
    """A change of chair was answered with yes, and nobody took up office."""
    final.terms = {}


def forget_a_release(history: History, final: Final) -> None:
    """An officer has said that the school was told, and what waited for it waits on."""
    final.withheld = {("125580", "s1"): False}


def skip_a_day(history: History, final: Final) -> None:
    """A day that was turned by hand counts as done when its first school is."""
    final.turned_to = date(2023, 9, 3)


def publish_nothing(history: History, final: Final) -> None:
    """A reaction that does nothing: the outcome was read, and the feed has no entry."""
    final.feed.pop()


def copy_all_but_one(history: History, final: Final) -> None:
    """A reaction that does nothing: a department is not told."""
    final.topics[IMPROVEMENT].pop(1)


def leave_out_the_next_version(history: History, final: Final) -> None:
    """The lists name the versions of what they admit, and a producer switches: departments hear nothing any more."""
    newer = replace(told(BODY, 2, "membership.body.recorded"), type="consortia.membership.body.recorded.v2")
    final.topics[INTERNAL].append(newer)
    final.heads[INTERNAL, BODY] = 2
    final.journey = {**final.journey, newer.id: max(final.journey.values()) + 1}
    for reader in final.readers[INTERNAL]:
        final.reached[reader][INTERNAL, BODY] = 2


def make_no_webhook(history: History, final: Final) -> None:
    """A delivery is written for the topic and not for the webhook."""
    final.deliveries, final.received = [], {"finance": {}}


def send_before_the_earlier_has_come(history: History, final: Final) -> None:
    """Webhooks are enqueued in order, and two of one key are under way at once."""
    first = told(BODY, 1, "membership.body.recorded")
    later = told(BODY, 2, "membership.body.recorded")
    final.topics[FINANCE].append(later)
    final.topics[INTERNAL].append(later)
    final.heads |= {(INTERNAL, BODY): 2, (FINANCE, BODY): 2}
    final.deliveries.append(Delivery("finance", later.id, "delivered", "w2", BODY))
    final.received["finance"] = {later.id: later.type, first.id: first.type}


def write_to_all_but_one(history: History, final: Final) -> None:
    """Whoever spoke until now hears nothing of it."""
    final.messages.pop(1)


def lose_a_letter(history: History, final: Final) -> None:
    """A letter counts as sent before the mail server has it."""
    final.mails = {**final.mails, "to head": 0}


def hold_for_ever(history: History, final: Final) -> None:
    """A record slips in behind the opening of its gate."""
    final.held = {"an event people": ("s1", URN)}


def leave_it_off_the_agenda(history: History, final: Final) -> None:
    """A school's change commits beside the meeting that should take it."""
    final.agenda = {}


def send_under_another_id(history: History, final: Final) -> None:
    """Each attempt of a webhook has an id of its own."""
    final.received_as["finance"][f"{BODY} 1"].add("w2")


def write_again_under_another_id(history: History, final: Final) -> None:
    """A mail that was taken, and of which nothing was recorded, goes again as a new one."""
    final.mails = {**final.mails, "another": 1}


def tell_it_in_two_letters(history: History, final: Final) -> None:
    """A message that waits is put in a second letter when the first was sent already."""
    final.letters = {**final.letters, "second": Letter("head", "sent", 0)}
    final.mails = {**final.mails, "second": 1}


def place_it_twice(history: History, final: Final) -> None:
    """Two changes of one school at once, each of which puts it on the agenda."""
    final.agenda = {URN: 2}


def apply_backwards(history: History, final: Final) -> None:
    """A replica that lost its partition applies what it had read before."""
    final.journey = {**final.journey, f"{SCHOOL} 2": 0, f"{SCHOOL} 1": 3}


def copy_backwards(history: History, final: Final) -> None:
    """What was released goes out before what came ahead of it."""
    copies = final.topics[IMPROVEMENT]
    copies[0], copies[2] = replace(copies[2], sequence=1), replace(copies[0], sequence=2)


def publish_backwards(history: History, final: Final) -> None:
    """The feed numbers a batch from its end."""
    final.feed = [Entry("west-midlands", n, f"{SCHOOL} {3 - n}", "outcome-published") for n in (1, 2)]


def show_a_page_with_a_hole(history: History, final: Final) -> None:
    """A number is seen before the one in front of it is committed."""
    history.seen[2].found["numbers"] = [2]


def install_who_was_refused(history: History, final: Final) -> None:
    """A refused change of chair has been committed."""
    history.operations[-1] = replace(history.operations[-1], outcome=FAILED)


def know_what_was_never_said(history: History, final: Final) -> None:
    """A reader was told by another way than its topic."""
    final.journey = {**final.journey, "an event": 7}


def put_it_on_the_agenda_for_nothing(history: History, final: Final) -> None:
    """A change that was undone stays on the agenda."""
    final.topics[INTERNAL][4] = replace(
        final.topics[INTERNAL][4], said=ChangeSaid((CHAIR, CHAIR), (CHAIR, CHAIR), True)
    )


def rebuild_nothing(history: History, final: Final) -> None:
    """A service is not rebuilt at all, and nothing of it differs."""
    del final.rebuilt["funding"]


def rebuild_empty_tables(history: History, final: Final) -> None:
    """No projection of a service ever had a row."""
    final.rebuilt["funding"] = [Rebuilt("body", 0, 0, 0)]


def know_of_no_school(history: History, final: Final) -> None:
    """The statements that read the schools find none, and so does the model."""
    final.speakers, final.must_speak = {}, {}


def never_ask_who_speaks(history: History, final: Final) -> None:
    """Every look failed, and nobody noticed."""
    history.seen = [each for each in history.seen if each.what != "who-speaks"]


def try_no_door(history: History, final: Final) -> None:
    """The reader who may know little asks for nothing."""
    history.seen = [each for each in history.seen if each.what != "reader"]


def never_read_the_feed(history: History, final: Final) -> None:
    """The regional office is turned away each time."""
    history.seen = [each for each in history.seen if each.what != "feed"]


def never_look_at_the_books(history: History, final: Final) -> None:
    """Every look failed, and nobody noticed."""
    history.seen = [each for each in history.seen if each.what != "money"]


def post_nothing(history: History, final: Final) -> None:
    """Awards follow the chair, the ledger doesn't."""
    final.money = {**final.money, "postings": 4}


def divide_by_other_days(history: History, final: Final) -> None:
    """A change of chair is applied, and its award is not adjusted."""
    final.awards[0] = replace(final.awards[0], days={"1": 366}, parts={"1": 36_600})


def post_to_another_school(history: History, final: Final) -> None:
    """Entries that sum to nothing, and give the wrong school its share."""
    final.ledger = {("a", "1"): 6_600, ("a", "2"): 30_000}


def pass_over_a_record(history: History, final: Final) -> None:
    """A record is counted as read, and no handler was called."""
    final.journey = {id_: n for id_, n in final.journey.items() if id_ != f"{BODY} 1"}


def never_answer(history: History, final: Final) -> None:
    """A request hangs on a lock that nobody lets go."""
    history.operations[4] = replace(history.operations[4], outcome=UNKNOWN)


def refuse_what_is_right(history: History, final: Final) -> None:
    """A limit that an outage runs into answers every write with 429, and the load takes it for an answer."""
    refused = replace(history.operations[4], outcome=FAILED, status=429, answers=(), why_not="too many requests")
    history.operations[4], final.meetings = refused, {}


def refuse_in_another_way(history: History, final: Final) -> None:
    """What must be refused for its day is refused to everybody, whatever its day."""
    history.operations[1] = replace(history.operations[1], status=403)


def let_another_speak(history: History, final: Final) -> None:
    """A change of category that is overtaken by a change of chair leaves the old answer."""
    final.speakers = {(URN, "general"): [("system-leader", "", "", "q")]}


def open_a_door(history: History, final: Final) -> None:
    """A route that forgets to ask for the role."""
    history.seen[3].found["status"] = 200


def show_a_restricted_step(history: History, final: Final) -> None:
    """The journey of a change shows finance a step of it."""
    history.seen[4].found["steps"] = [("consortia.membership.la-category.set.v1", "restricted", False, "s9", URN)]


def write_before_the_school_knows(history: History, final: Final) -> None:
    """The new speaker hears of it, and the school is told a moment later."""
    final.messages[0] = replace(final.messages[0], made_at=9.0)


def let_out_the_whole_story(history: History, final: Final) -> None:
    """The gate knows stories, not schools: telling one of them lets out what is held of the others."""
    final.told_schools |= {("s1", "125581")}


def alert_no_desk(history: History, final: Final) -> None:
    """A desk comes to speak when the school is inspected, and has no message of it."""
    final.topics[INTERNAL] = [
        replace(each, said=replace(each.said, after=(each.said.after[0], DESK)))
        if isinstance(each.said, ChangeSaid)
        else each
        for each in final.topics[INTERNAL]
    ]


def alert_a_desk_for_nothing(history: History, final: Final) -> None:
    """A desk hears of a change by which it does not come to speak."""
    final.alerts.append(replace(final.messages[0], person=str(desk_id("937", DESK[0]))))


def write_to_a_stranger(history: History, final: Final) -> None:
    """Somebody is written to whom the change does not concern."""
    final.messages.append(replace(final.messages[0], person="stranger"))


def copy_what_is_not_on_the_list(history: History, final: Final) -> None:
    """A department is told of a public record that is not on its list."""
    final.topics[FINANCE].append(told(SCHOOL, 1, "membership.outcome.published", names="F1", said=PUBLISHED))
    final.heads[FINANCE, SCHOOL] = 1


MISSED: tuple[tuple[Callable[[History, Final], None], str], ...] = (
    (forget_a_term_of_office, "I1"),
    (forget_a_release, "I1"),
    (skip_a_day, "I1"),
    (publish_nothing, "I1"),
    (copy_all_but_one, "I1"),
    (leave_out_the_next_version, "I1"),
    (make_no_webhook, "I1"),
    (write_to_all_but_one, "I1"),
    (alert_no_desk, "I1"),
    (lose_a_letter, "I1"),
    (hold_for_ever, "I1"),
    (leave_it_off_the_agenda, "I1"),
    (send_under_another_id, "I2"),
    (write_again_under_another_id, "I2"),
    (tell_it_in_two_letters, "I2"),
    (place_it_twice, "I2"),
    (apply_backwards, "I3"),
    (copy_backwards, "I3"),
    (publish_backwards, "I3"),
    (send_before_the_earlier_has_come, "I3"),
    (show_a_page_with_a_hole, "I3"),
    (install_who_was_refused, "I4"),
    (know_what_was_never_said, "I4"),
    (put_it_on_the_agenda_for_nothing, "I4"),
    (never_look_at_the_books, "I5"),
    (rebuild_nothing, "I7"),
    (rebuild_empty_tables, "I7"),
    (know_of_no_school, "I12"),
    (never_ask_who_speaks, "I12"),
    (try_no_door, "I13"),
    (never_read_the_feed, "I13"),
    (post_nothing, "I5"),
    (divide_by_other_days, "I5"),
    (post_to_another_school, "I5"),
    (pass_over_a_record, "I9"),
    (never_answer, "I10"),
    (refuse_what_is_right, "I10"),
    (refuse_in_another_way, "I10"),
    (let_another_speak, "I12"),
    (open_a_door, "I13"),
    (show_a_restricted_step, "I13"),
    (write_before_the_school_knows, "I13"),
    (let_out_the_whole_story, "I13"),
    (write_to_a_stranger, "I13"),
    (alert_a_desk_for_nothing, "I13"),
    (copy_what_is_not_on_the_list, "I13"),
)
