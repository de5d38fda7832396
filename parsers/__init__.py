"""Text becomes meaning: pure functions, no I/O, no clock, no database."""
