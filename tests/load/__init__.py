"""Much at once, and the days on which something beneath the program is not as it should be."""
