"""What the funding service answers over HTTP."""
