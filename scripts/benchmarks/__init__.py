"""Measurements of this code on this machine, printed as the tables of docs/benchmarks.md.

One module a benchmark, each run as `python -m scripts.benchmarks.NAME` in the environment.
"""

import app  # noqa: F401 - numpy computes as it does in the server
