import os

# LanceDB tells people on their terminal what its tables go through; what is wrong comes as an error anyway.
os.environ.setdefault("LANCEDB_LOG", "error")
