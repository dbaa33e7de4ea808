"""How a committed fact reaches every reader once and in order: outbox, relay, inbox, parking. See README.md here."""
