"""Terms that ended only because another began, as they would have run on: they go on when the other never was."""

from dataclasses import replace
from datetime import date

from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Term
from tests.bitemporal.world import World

OTHER = {"chair": "deputy", "deputy": "chair"}


class MadeRoom(Acting):
    def __init__(self, world: World):
        super().__init__(world)
        self.made_room: dict[str, dict[str, date | None]] = {}  # by the term that began: which ended, and when it would

    def makes_room(self, which: str, by: str) -> None:
        self.made_room.setdefault(by, {})[which] = self.world.knows().thing(which).until

    def ends_as_was_said(self, which: str) -> None:
        """An officer has said herself when it ends: that stays."""
        for each in self.made_room.values():
            each.pop(which, None)

    def go_on(self, old: Term, right: Term | None) -> list[Term]:
        """What goes on since ``old`` really was ``right``, or never was: until the next one begins. Nobody holds both posts."""
        known = self.world.knows()
        terms = [known.thing(each.id) for each in known.all(Term) if each.id != old.id]
        terms = [each for each in terms if each.body == old.body and each.until != each.start]
        terms += [right] if right is not None else []
        found = []
        for which, until in list(self.made_room.get(old.id, {}).items()):
            ended = known.thing(which)
            if ended.until != old.start or (right is not None and right.start == old.start):
                continue
            posts = {ended.post, "chair"} if ended.post == "acting-chair" else {ended.post}
            later = [each for each in terms if each.post in posts and each.start >= old.start and each.id != which]
            begins = min(later, key=lambda each: each.start, default=None)
            cut = begins is not None and (until is None or begins.start < until)
            again = replace(ended, known=self.world.today, until=begins.start if cut and begins else until)
            if any(each.post == OTHER.get(ended.post) and _both(each, again) for each in terms):
                continue
            found.append(again)
            del self.made_room[old.id][which]
            if cut and begins:
                self.made_room.setdefault(begins.id, {})[which] = until
        return found


def _both(one: Term, other: Term) -> bool:
    """One person, in both posts on the same day."""
    meet = one.start < (other.until or date.max) and other.start < (one.until or date.max)
    return meet and one.person == other.person
