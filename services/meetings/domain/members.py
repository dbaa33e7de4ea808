"""Who belongs to the meetings of a body, and which groups a chair brings with the office."""

CHAIRING_POSTS = ("chair", "acting-chair")


def brings_a_seat(post: str) -> bool:
    """The seat on the Area Analysis Group follows the chair (W-25); a deputy has it only while acting as chair."""
    return post in CHAIRING_POSTS
