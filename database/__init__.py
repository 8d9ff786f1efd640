"""The collection: what is in it, and how it is found again."""
