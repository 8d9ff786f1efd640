"""The loader: documents → text and Markdown → chunks → embeddings → store."""
