"""Headers in a column: lines, so that packing and unpacking cost next to nothing."""

import pytest

from shared.contracts.envelope import BrokenEnvelope, pack, read_envelope, unpack
from shared.crash import _wanted
from tests.messaging.sample import envelope, key_of


def test_an_envelope_comes_out_of_the_column_as_it_went_in() -> None:
    mine = envelope(key_of(1), 7, epoch=2)
    assert read_envelope(unpack(pack(mine.headers()))) == mine


def test_the_outbox_numbers_a_record_without_copying_its_envelope() -> None:
    found = read_envelope(unpack(pack(envelope(key_of(1)).headers(3, 12))))
    assert (found.epoch, found.sequence) == (3, 12)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("", "")],
        [("a", "")],
        [("a", "b\nc"), ("d\n", "e")],
        [("x-odd", "\\x00 and \\n")],
    ],
)
def test_somebody_elses_headers_keep_their_number_whatever_is_in_them(headers: list[tuple[str, str]]) -> None:
    found = [(name, value.decode()) for name, value in unpack(pack(headers))]
    assert found == [(name.replace("\n", "\\n"), value.replace("\n", "\\n")) for name, value in headers]


@pytest.mark.parametrize(
    ("name", "value"),
    [("ce_id", b"7"), ("ce_sequence", b"-1"), ("ce_epoch", b""), ("ce_time", b"noon"), ("ce_causationid", b"\xff")],
)
def test_a_broken_envelope_names_the_header_at_fault(name: str, value: bytes) -> None:
    headers = dict(unpack(pack(envelope(key_of(1)).headers()))) | {name: value}
    with pytest.raises(BrokenEnvelope, match=name):
        read_envelope(list(headers.items()))


def test_a_crash_point_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a fault test would pass because nothing ever crashed."""
    monkeypatch.setenv("CRASH_AT", "relay.after_lunch")
    with pytest.raises(ValueError, match="none of"):
        _wanted("CRASH_AT")
