"""Money is integer pence. It becomes pounds only where a person reads it."""


def pounds(pence: int) -> str:
    """£5,000.00; a minus sign goes before the pound sign."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
