"""Names, addresses and ids of people who do not exist, the same on every run.

The names are put together from two lists of words so that nobody could take them for a real head, chief executive or
officer. Telephone numbers come from the range kept free for drama, addresses from the reserved domain ``.example``.
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

FORENAMES = """
    Ottilie Barnaby Clementine Digby Euphemia Fitzroy Griselda Horatio Isadora Jocelyn Kerenza
    Leopold Marigold Nathaniel Octavia Peregrine Quentin Rosalind Sylvester Tabitha Ursula Valentine
    Wilhelmina Xanthe Yolanda Zebedee Araminta Bartholomew
""".split()  # noqa: SIM905
FIRST_PARTS = """
    Bramble Fern Lark Moss Thistle Otter Heron Maple Willow Pebble Clover Sparrow Hazel Teasel
    Badger Plover Sorrel Linnet Acorn Puddle Nettle Finch Rowan Tansy Wren Dapple
""".split()  # noqa: SIM905
SECOND_PARTS = """
    whistle penny buckle thimble lantern kettle button feather bonnet ladle candle spindle teapot
    trumpet wagon garter pocket saddle bobbin basket
""".split()  # noqa: SIM905

GO_LIVE = datetime(2023, 9, 1, tzinfo=UTC)


def _digest(what: str) -> bytes:
    return hashlib.sha256(f"consortia demo: {what}".encode()).digest()


def person_id(what: str) -> UUID:
    """An id in the form of a UUIDv4, from which no time can be read."""
    return UUID(bytes=_digest(f"person {what}")[:16], version=4)


def body_id(what: str) -> UUID:
    """An id in the form of a UUIDv7 of the day on which the demo went live."""
    raw = bytearray(int(GO_LIVE.timestamp() * 1000).to_bytes(6, "big") + _digest(f"body {what}")[:10])
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))


def name(number: int) -> str:
    """The name of invented person ``number``: no two below 3,640 are the same."""
    forename = FORENAMES[number % len(FORENAMES)]
    pair = (number * 37) % (len(FIRST_PARTS) * len(SECOND_PARTS))
    return f"{forename} {FIRST_PARTS[pair // len(SECOND_PARTS)]}{SECOND_PARTS[pair % len(SECOND_PARTS)]}"


def email(full_name: str, number: int) -> str:
    return f"{full_name.lower().replace(' ', '.')}.{number}@consortia.example"


def telephone(number: int) -> str:
    return f"01632 960{number % 1000:03d}"
