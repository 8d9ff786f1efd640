"""Where documents are converted and embedded: on this machine, or on a cluster of them.

What is done is the same, by the same functions; only one process writes, whichever engine works for it.
"""
