"""The health report: what became of each page of each document, to look at."""
