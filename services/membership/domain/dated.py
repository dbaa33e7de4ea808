"""What is so from a day on, and until a day that is the first on which it is so no longer."""

from datetime import date


class Dated:
    """For what names its days ``from_date`` and ``until``: it holds on [from_date, until), without an end where that is None."""

    from_date: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day and (self.until is None or day < self.until)
