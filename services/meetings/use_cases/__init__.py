"""One function per intent: load, decide, save. The unit of work commits."""
