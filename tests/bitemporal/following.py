"""What follows when a school continues others, or closes: written once, and moved while its day is to come.

The rules of docs/continuity.md said a second time, for places in bodies, allocations and entries of the authority.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tests.bitemporal.facts import Body, Ends, Entry, Fact, KeptUntil, LeadNamed, Member, School
from tests.bitemporal.going_over import GoingOver, Note
from tests.bitemporal.heads_that_follow import HeadsThatFollow
from tests.bitemporal.left import (
    ends_of,
    entries_left,
    is_maintained,
    last_day,
    lasts,
    review_of,
    said_last,
    to_the_end,
)
from tests.bitemporal.model import PHASES, Known
from tests.bitemporal.register import A_DAY, Succession


class Following(GoingOver, HeadsThatFollow):
    def __init__(self) -> None:
        GoingOver.__init__(self)
        HeadsThatFollow.__init__(self)
        self.places: dict[tuple[str, str], Note] = {}  # by school and body: the place that it took
        self.gone: dict[tuple[str, str], Note] = {}  # the place that ended with it
        self.planned: dict[tuple[str, str], Member] = {}  # as that is to go on when it opens again
        self.entries: dict[tuple[str, str], Note] = {}  # by the school that continues, and the entry
        self.leads: dict[str, str | None] = {}  # of a school whose places are being written: the body that leads it
        self.named: list[LeadNamed] = []  # as follows, not by an officer

    def steps(self, facts: list[Fact], today: date) -> Iterator[list[Fact]]:
        """One after the other, as each is told; whoever asks has added the last to the facts when she asks for the next."""
        while places := self._places(facts, today):
            yield places
        while (allocation := self._allocation(Known(facts), today)) is not None:
            yield allocation
        while (entry := self._entry(Known(facts), today)) is not None:
            yield entry
        while (head := self._head(Known(facts), today)) is not None:
            yield head

    def name(self, urn: str, which: str) -> str | None:
        """What goes on of an allocation of that school, or of an entry that went over to it."""
        note = self.entries.get((urn, which)) or self.allocations.get(which)
        return note.goes_on.id if note is not None and note.goes_on is not None else None

    def come_back(self, facts: list[Fact], new: list[Fact], today: date) -> set[str]:
        """Schools that are open again by these new facts, and whose places ended with them."""
        before, after = Known(facts), Known([*facts, *new])
        again = {
            each.urn for each in after.all(School) if after.open(each.urn, today) and not before.open(each.urn, today)
        }
        return {
            urn for (urn, body), note in self.gone.items() if urn in again and note.on in ends_of(before, urn, body)
        }

    # -- places --

    def _places(self, facts: list[Fact], today: date) -> list[Fact]:
        new = self._plans_taken_back(Known(facts), today)
        for succession in Known(facts).successions():
            new += self._takes_places(Known([*facts, *new]), succession, today)
            new += self._names_lead(Known([*facts, *new]), succession, today)
        new += self._leads_nothing(Known([*facts, *new]), today)
        for urn in sorted({each.urn for each in Known([*facts, *new]).all(Member)}):
            new += self._places_end(Known([*facts, *new]), urn, today)
        return new

    def _plans_taken_back(self, known: Known, today: date) -> list[Fact]:
        """A place for a day to come that no continuation of that day gives any more."""
        given = {(each.urn, each.on) for each in known.successions()}
        stale = [which for which, note in self.places.items() if note.on > today and (which[0], note.on) not in given]
        return [end for which in stale for end in self._not_to_be(known, which, today)]

    def _not_to_be(self, known: Known, which: tuple[str, str], today: date) -> list[Fact]:
        place = self.places.pop(which).goes_on
        assert place is not None
        end, closed = known.ends.get(place.id, place.until), self.gone.get(which)
        planned = end is None or (closed is not None and end == closed.on)  # no officer has said when it ends
        return [Ends(today, place.id, place.start)] if planned else []

    def _takes_places(self, known: Known, succession: Succession, today: date) -> list[Fact]:
        """Those of the schools before it on their last day; what somebody entered for the school itself decides."""
        urn, on = succession.urn, succession.on
        school = known.school(urn)
        if school is not None and school.closed is not None and school.closed <= on:
            return []
        taken = {note.goes_on.id for (name, _), note in self.places.items() if name == urn and note.goes_on is not None}
        there = [each for each in known.all(Member) if each.urn == urn and lasts(known, each, on)]
        if any(each.id not in taken for each in there):
            return []
        bodies, leads = set(), set()
        for before in succession.before:
            last = last_day(known, before, on)
            kept = {each.body for each in known.all(Member) if each.urn == before and to_the_end(known, each, last, on)}
            bodies |= kept
            leads |= {known.lead_body(before, last - A_DAY)} & kept
        kinds = {each.name: each.kind for each in known.all(Body)}
        still = {body for body in bodies if (known.closes(body) or date.max) > on}
        leads &= still
        highest = max(sorted(still), key=lambda body: PHASES[kinds[body]], default=None)
        begun = {each.body for each in there if each.start < on or each.start == on <= today}
        led = known.lead_body(urn, on if on <= today else on - A_DAY)  # goes on leading it
        found: list[Fact] = []
        for each in there:
            if each.start == on > today and each.body not in bodies:
                found += self._not_to_be(known, (urn, each.body), today)
        for body in sorted(still - {body for name, body in self.places if name == urn}):
            self.numbers += 1
            until = school.closed if school is not None else None
            place = Member(today, f"place {body} of {urn} ({self.numbers})", on, until, body, urn)
            self.places[urn, body] = Note(on, None, urn, place)
            if until is not None:
                self.gone[urn, body] = Note(until)
            found.append(place)
        if on > today or any(isinstance(each, Member) for each in found):
            self.leads[urn] = led if led in begun else leads.pop() if len(leads) == 1 else highest
        return found

    def _names_lead(self, known: Known, succession: Succession, today: date) -> list[Fact]:
        """As those before it were led on their last day, unless an officer has named another body for that very day."""
        urn, on = succession.urn, succession.on
        lead = self.leads.pop(urn, None)
        there = {each.body for each in known.held(Member, on) if each.urn == urn}
        said = said_last(known, urn, on)
        ours = any(each is said for each in self.named)
        if lead is None or lead not in there or (said is not None and not ours and said.body in there):
            return []
        if known.lead_body(urn, on) == lead and not (said is not None and ours and said.body != lead):
            return []
        self.named.append(LeadNamed(today, urn, lead, on))
        return self.named[-1:]  # type: ignore[return-value]

    def _leads_nothing(self, known: Known, today: date) -> list[Fact]:
        """What was said of who leads places that are not to be."""
        found = []
        for each in list(self.named):
            begins = any(
                (place.urn, place.start) == (each.urn, each.start) and known.until(place) != place.start
                for place in known.all(Member)
            )
            if each.start > today and each.body and said_last(known, each.urn, each.start) is each and not begins:
                found.append(LeadNamed(today, each.urn, "", each.start))
        self.named += found
        return found  # type: ignore[return-value]

    def _places_end(self, known: Known, urn: str, today: date) -> list[Fact]:
        """A place ends with its school; one that opens again is in its bodies again from the day on which that is known."""
        school = known.school(urn)
        closes = school.closed if school is not None else None
        found = self._plans(known, urn, closes, today)
        for place in [each for each in known.all(Member) if each.urn == urn]:
            which, until = (urn, place.body), known.until(place)
            note = self.gone.get(which)
            is_to_open = note is not None and note.on <= today and (closes is None or closes > today)
            if note is not None and until == note.on and is_to_open and not known.open(urn, today):
                continue
            if closes is not None:
                was_moved = note is not None and until == note.on != closes
                if note is not None and was_moved and note.on <= today < closes:  # open again, until it closes again
                    self.gone[which] = Note(closes, note.before)
                    if self._lasts_on(known, place, note, today):
                        ends = min(closes, note.before or closes)
                        found.append(self._again(place, today, today, ends))
                elif place.start < closes and (until is None or until > closes or was_moved):
                    before = note.before if note is not None else known.ends.get(place.id, place.until)
                    ends = min(closes, before or closes)
                    self.gone[which] = Note(closes, before)
                    if ends != closes:
                        del self.gone[which]
                    found.append(Ends(today, place.id, ends))
            elif note is not None and until == note.on and until != place.start:
                del self.gone[which]
                if note.on > today:
                    found.append(replace(place, known=today, until=note.before))
                elif self._lasts_on(known, place, note, today):
                    found.append(self._again(place, today, today, note.before))
        return found

    def _plans(self, known: Known, urn: str, closes: date | None, today: date) -> list[Fact]:
        """A place goes on from the day to come on which its school opens again, as far as that is known; it moves with the
        day, unless somebody has decided otherwise, until it begins."""
        found: list[Fact] = []
        on = known.opens_again(urn, today)
        for which, note in [each for each in self.gone.items() if each[0][0] == urn]:
            plan = self.planned.get(which)
            if plan is not None:
                there = known.thing(plan.id)
                is_as_planned = (there.start, there.until) == (plan.start, plan.until)
                if not is_as_planned or plan.start <= today:
                    del self.planned[which], self.gone[which]
                    if is_as_planned and plan.until is not None and plan.until != note.before:
                        self.gone[which] = Note(plan.until, note.before)
                    continue
            right = self._from_its_opening(known, which, note, on, closes) if on and note.on <= today else None
            if plan is not None and right is not None and (right.start, right.until) == (plan.start, plan.until):
                continue
            if plan is not None:
                del self.planned[which]
                found.append(Ends(today, plan.id, plan.start))
            if right is not None:
                self.planned[which] = replace(right, known=today)
                found.append(self.planned[which])
        return found

    def _from_its_opening(
        self, known: Known, which: tuple[str, str], note: Note, on: date, closes: date | None
    ) -> Member | None:
        mine = [each for each in known.all(Member) if (each.urn, each.body) == which]
        ended = next((each for each in mine if known.until(each) == note.on), None)
        if ended is None or not self._lasts_on(known, ended, note, on) or (closes is not None and closes <= on):
            return None
        ends = [day for day in (closes, note.before) if day is not None]
        return self._again(ended, on, on, min(ends, default=None))

    def _lasts_on(self, known: Known, place: Member, note: Note, today: date) -> bool:
        """Neither the place nor its body was to end while the school was closed."""
        return all(end is None or end > today for end in (note.before, known.closes(place.body)))

    def _again(self, place: Member, today: date, start: date, until: date | None) -> Member:
        self.numbers += 1
        again = f"place {place.body} of {place.urn} again ({self.numbers})"
        return replace(place, known=today, id=again, start=start, until=until)

    # -- entries of the authority --

    def _entry(self, known: Known, today: date) -> list[Fact] | None:
        """Of one entry what follows. It goes over to a maintained school that continues one school."""
        wanted = {}
        for each in known.successions():
            carried = {note.goes_on.id for note in self.entries.values() if note.goes_on is not None}
            own = [entry for entry in known.all(Entry) if entry.urn == each.urn and entry.id not in carried]
            if any(lasts(known, entry, each.on) for entry in own) or not each.carries_on:
                continue
            if is_maintained(known, each.urn):
                wanted |= {
                    (each.urn, entry.id): self._from_opening(known, entry, each) for entry in entries_left(known, each)
                }
        for which, note in self.entries.items():
            there = note.goes_on
            assert isinstance(there, Entry)
            right, until = wanted.get(which), known.until(there)
            if until == there.start:
                continue
            if note.on <= today:
                if follows := self._as_before(known, which, note, today):
                    return follows
                continue
            review = review_of(known, there)
            is_right = right is not None and (right.category, right.start, right.review) == (
                there.category,
                there.start,
                review,
            )
            if not is_right or (right is not None and until != right.until and not (until and right.until is None)):
                del self.entries[which]
                return [Ends(today, there.id, there.start)]
        for which, right in wanted.items():
            if which not in self.entries:
                self.numbers += 1
                new = replace(right, known=today, id=f"{right.id} of {right.urn} ({self.numbers})")
                self.entries[which] = Note(new.start, None, new.urn, new)
                return [new]
        return None

    def _as_before(self, known: Known, which: tuple[str, str], note: Note, today: date) -> list[Fact]:
        """What has begun follows the lifting of the entry it came from; not where somebody has decided of it."""
        there = note.goes_on
        assert isinstance(there, Entry)
        until, of = known.until(there), known.until(known.thing(which[1]))
        kept = any(each.which == there.id for each in known.all(KeptUntil))
        if kept or until != there.until:
            return []
        if of is not None and of <= there.start:
            del self.entries[which]
            return [Ends(today, there.id, there.start)]
        if until is None or of is None or of == until or until <= today < of:
            return []
        self.entries[which] = note._replace(goes_on=replace(there, until=of))
        return [Ends(today, there.id, of)]

    def _from_opening(self, known: Known, entry: Entry, succession: Succession) -> Entry:
        begins, review = max(entry.start, succession.on), review_of(known, entry)
        return replace(
            entry,
            urn=succession.urn,
            start=begins,
            until=known.until(entry),
            review=max(review, begins) if review is not None else None,
        )
