"""One module per command of `scripts/`, each with `main(arguments) -> exit status`."""
