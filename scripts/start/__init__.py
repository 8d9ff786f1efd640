"""What `scripts/run` and its siblings share. Standard library only: it runs before anything is installed."""
