"""Measurements, never part of the tests: each prints its figures beside what they are held to."""
