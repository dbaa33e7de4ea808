"""A clock that has jumped more than a week past the last day that was done: somebody has to look at it (D3.10).

Under a wrong one days would be told that have not come, and nobody could take them back.
"""

from datetime import date

from shared.refusal import Refusal

LONGEST_JUMP = 7  # days
CONFIRM = "`consortia tick --confirm`"


def waits(today: date) -> str:
    """What stands still with the clock says so in these words: to an officer at the command line, and over HTTP."""
    return (
        f"The clock says {today:%-d %B %Y}, more than a week after the last day that was done. Look at the clock; "
        f"if it is right, confirm it ({CONFIRM}, or POST /api/v1/tick?confirm=true)"
    )


class ClockWaits(Refusal):
    def __init__(self, today: date):
        super().__init__(f"{waits(today)} and send this again")
