"""Pence on the inside, pounds on the page."""

import pytest

from shared.money import pounds


@pytest.mark.parametrize(
    ("pence", "read"),
    [(500000, "£5,000.00"), (0, "£0.00"), (5, "£0.05"), (-150, "-£1.50"), (123456789, "£1,234,567.89")],
)
def test_money_reads_as_pounds_and_pence(pence: int, read: str):
    assert pounds(pence) == read
