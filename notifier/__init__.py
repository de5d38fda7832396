"""Messages go out: composed with what they answer, delivered from the outbox."""
