"""One function per intent: load, decide, save. The caller commits."""
