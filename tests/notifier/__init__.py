"""Messages out: what is written, to whom, and how it goes."""
