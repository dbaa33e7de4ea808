"""What waits to be done by itself: asked every few seconds, so in one statement and outside any transaction."""

from dataclasses import dataclass
from datetime import date

from services.membership.store.due import CONCERNED, first_day_up_to, in_doubt
from services.membership.store.rows import as_one
from shared.clock import TODAY
from shared.store import Reads


@dataclass(frozen=True)
class Waiting:
    """A file or lines of one to be applied, a day to be turned; and what waits for an officer."""

    today: date
    files: bool
    days: bool
    clock_in_doubt: bool
    failed_files: int
    waiting_lines: int
    failed_due: int

    @property
    def anything(self) -> bool:
        """Whether somebody should begin. No day is turned by a clock in doubt."""
        return self.files or (self.days and not self.clock_in_doubt)


async def waiting(store: Reads, longest_jump: int) -> Waiting:
    """What `apply_files` and `turn` would find to do."""
    (row,) = await store.rows(
        f"""
        select here.today,
            exists (select from import where state = 'applying') or exists (select from line_set_aside) as files,
            {first_day_up_to("here.today")} is not null
                or exists (select from to_follow where urn <> all({CONCERNED}))
                or not exists (select from turned where turned_to = here.today) as days,
            {in_doubt("here.today", longest_jump)} as clock_in_doubt,
            (select count(*) from import where state = 'failed') as failed_files,
            (select count(*) from line_set_aside where line > 0) as waiting_lines,
            (select count(*) from failed_due) as failed_due
        from (select {TODAY} as today offset 0) as here
        """
    )
    return as_one(Waiting, row)


async def calls_under_way(store: Reads) -> bool:
    """Whether there is any inspection call that time or a report might carry on."""
    ((found,),) = await store.rows(
        "select exists (select from inspection_call where closed_on is null) "
        "or exists (select from inspection_ask where answer = 'waiting')"
    )
    return bool(found)
