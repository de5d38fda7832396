"""The program is killed at every step of a message's way, and among many processes at any moment; then everything is counted."""
