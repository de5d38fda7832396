"""Messages come in: from the webhook and the mailbox, through one door."""
