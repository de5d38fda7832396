"""Pictures for README, and what takes them."""
