"""The server: answers questions from the collection, and streams what is said."""

import os

# A question's products of matrices are small. OpenBLAS would divide them among all cores, and keep these busy
# waiting for the next one: a third of what a search takes. It must be said before numpy is there.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
