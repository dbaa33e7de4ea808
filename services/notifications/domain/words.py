"""What messages to people say, all of it, in plain British English (R0.8).

A subject names no school and no change: it is seen over a shoulder, and by whoever sorts the post. A body says what the
receiver may know and no more: which school, on what, from when; who it is and why stands behind the sign-in. No message
tells a category, a reason, or the name of a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.notifications.domain.message import GENERAL, INSPECTION, Kind
from shared.calendar import LONDON

DUTY_DESK = "duty-desk"
DESKS = {DUTY_DESK: "duty desk", "improvement-desk": "school improvement desk"}

MATTERS = {GENERAL: "on general matters", INSPECTION: "when it is inspected"}

# The pages are the head's: whoever chairs the governors has no sign-in of her own.
_FROM_THE_HEAD = "Who it is, and why, you hear from the head, or from the council's school improvement team."

_TO_THE_PAGE = {
    Kind.SPEAKER_CHANGED: "Who it is, and why, you see when you have signed in:",
    Kind.GOVERNORS_HEAR: _FROM_THE_HEAD,
    Kind.YOU_SPEAK: "What you need to know you see when you have signed in:",
    Kind.YOU_NO_LONGER_SPEAK: "You see this when you have signed in:",
    Kind.INSPECTION_CALL: "Answer here:",
    Kind.DESK_SPEAKS: "Why, you see when you have signed in:",
}
# As long as there are no pages: whom to ask. An address that nobody can open would only teach people to ignore us.
_WITHOUT_PAGES = {
    Kind.SPEAKER_CHANGED: "Who it is, and why, you hear from the council's school improvement team.",
    Kind.GOVERNORS_HEAR: _FROM_THE_HEAD,
    Kind.YOU_SPEAK: "What you need to know you hear from the council's school improvement team.",
    Kind.YOU_NO_LONGER_SPEAK: "If you have a question, ask the council's school improvement team.",
    Kind.DESK_SPEAKS: "Why, an officer of the council can look up.",
}


@dataclass(frozen=True)
class Item:
    """One thing that a message tells of."""

    kind: Kind
    urn: str
    school_name: str | None
    link: str | None  # to its page, if there are pages
    valid_from: date | None = None
    matters: tuple[str, ...] = ()
    also_lost: tuple[str, ...] = ()
    answer_by: datetime | None = None
    desk: str | None = None  # that is asked, and not a person for herself
    for_trust: bool = False  # the receiver's trust speaks, and not she herself
    duty_desk_rings: str | None = None  # the telephone of the council's duty desk, where one is kept

    @property
    def has_a_page(self) -> bool:
        return self.kind is not Kind.GOVERNORS_HEAR

    @property
    def finds_somebody(self) -> bool:
        """The last in line isn't asked to speak, and can't say that it cannot."""
        return self.desk == DUTY_DESK


@dataclass(frozen=True)
class Words:
    subject: str
    body: str


def email(items: Sequence[Item], reference: str, today: date) -> Words:
    """One e-mail about one or more things."""
    parts = [
        "\n".join([sentence(item, today), *([item.link] if item.link and item.has_a_page else [])]) for item in items
    ]
    return Words(_subject(items, today), "\n\n".join([*_opening(items), *parts, _closing(reference)]) + "\n")


def text(item: Item, today: date) -> str:
    """The same as a text message: short, and without the school's name, since a locked telephone shows it."""
    if item.finds_somebody:
        return f"Consortia: an urgent request has reached the duty desk.{f' See {item.link}' if item.link else ''}"
    by = f" by {_moment(item.answer_by, today)}" if item.answer_by else ""
    asked = f"answer{by}: {item.link}" if item.link else f"ring {_whom_to_ring(item)}{by}."
    return f"Consortia: an urgent request for you. Please {asked}"


def _subject(items: Sequence[Item], today: date) -> str:
    (first, *more) = items
    if more:
        return f"Consortia: {len(items)} changes that concern you"
    if first.kind is Kind.INSPECTION_CALL:
        by = f" by {_moment(first.answer_by, today)}" if first.answer_by else ""
        return f"Urgent: please answer{by}"
    if first.kind in (Kind.SPEAKER_CHANGED, Kind.GOVERNORS_HEAR):
        return "Consortia: a change that concerns your school"
    if first.kind is Kind.DESK_SPEAKS:
        return f"Consortia: a change that concerns the {DESKS[first.desk or DUTY_DESK]}"
    return "Consortia: a change to the schools that you speak for"


def sentence(item: Item, today: date) -> str:
    school = f"{item.school_name} (URN {item.urn})" if item.school_name else f"the school with URN {item.urn}"
    since = f"From {_day(item.valid_from)} " if item.valid_from else ""
    on = _list([MATTERS[matter] for matter in item.matters])
    where = _where(item)
    who, speak = ("your trust", "speaks") if item.for_trust else ("you", "speak")
    if item.kind is Kind.SPEAKER_CHANGED:
        return (
            f"{since}another person or office speaks for {school} {on}. You speak for your own school as before; this is "
            f"about who speaks for it outside the school. {where}"
        )
    if item.kind is Kind.GOVERNORS_HEAR:
        return (
            f"{since}another person or office speaks for {school} {on}. The head speaks for the school as before; this is "
            f"about who speaks for it outside the school. You are told because you chair its governors. {where}"
        )
    if item.kind is Kind.YOU_SPEAK:
        also_lost = _list([MATTERS[each] for each in item.also_lost])
        lost = f" {who.capitalize()} no longer {speak} for it {also_lost}." if also_lost else ""
        return f"{since}{who} {speak} for {school} {on}.{lost} {where}"
    if item.kind is Kind.YOU_NO_LONGER_SPEAK:
        return f"{since}{who} no longer {speak} for {school} {on}. {where}"
    if item.kind is Kind.DESK_SPEAKS:
        return f"{since}the council's {DESKS[item.desk or DUTY_DESK]} speaks for {school} {on}. {where}"
    if item.finds_somebody:
        return (
            f"His Majesty's Inspectors have called {school}, and nobody else is left to ask. Please find somebody who can "
            f"talk to them, and accept the call for her or him.{f' {where}' if item.link else ''}"
        )
    by = f" by {_moment(item.answer_by, today)}; then the next in line is asked" if item.answer_by else ""
    asked = f"You are asked to speak for {school} in a conversation with His Majesty's Inspectors."
    if not item.link:
        return f"{asked} {where}{f',{by}' if by else ''}."
    return f"{asked} Say whether you can, or that you cannot.{f' Please answer{by}.' if by else ''} {where}"


def _where(item: Item) -> str:
    if item.link:
        return _TO_THE_PAGE[item.kind]
    if item.kind is Kind.INSPECTION_CALL:
        return f"Ring {_whom_to_ring(item)} and say whether you can, or that you cannot"
    return _WITHOUT_PAGES[item.kind]


def _whom_to_ring(item: Item) -> str:
    """Where no telephone of the desk is kept, nobody is sent to look for one while her time runs out."""
    if item.duty_desk_rings:
        return f"the council's duty desk on {item.duty_desk_rings}"
    return "the council's school improvement officer (no number of its duty desk is kept here)"


def _opening(items: Sequence[Item]) -> list[str]:
    """A greeting for any hour: it goes when her week is over, or when the mail server is there again."""
    if all(each.kind is Kind.DESK_SPEAKS for each in items):
        return ["Hello,"]  # which goes at once, and not once a week
    if len(items) > 1:
        return ["Hello,", "These changes concern you. They are gathered in one e-mail, once a week at most."]
    return ["Hello,"] if items[0].kind is not Kind.INSPECTION_CALL else []


def _closing(reference: str) -> str:
    return f"This e-mail was sent by Consortia, and answers to it are not read. Its reference is {reference}."


def _list(parts: Sequence[str]) -> str:
    return " and ".join(parts)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime, today: date) -> str:
    local = moment.astimezone(LONDON)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%H:%M} on {local.day} {local:%B}"
