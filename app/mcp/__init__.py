"""The collection for other programs' language models, by the Model Context Protocol."""
