"""Who may come in: machine tokens and the principal that they name."""
