"""The terminal commands: what they do and print. Each returns its exit status."""
