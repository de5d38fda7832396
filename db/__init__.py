"""What is kept, and how: tables, one engine, and plain functions that take a session first."""
