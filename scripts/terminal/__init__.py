"""What `scripts/ask` does at a terminal. Standard library only: it begins at once."""
