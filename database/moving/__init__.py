"""Carries a collection from one store to another in a file, embeddings and original files included."""
