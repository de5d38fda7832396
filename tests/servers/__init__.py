"""Real servers and stand-ins for the tests, on loopback only."""
