"""Documents that arrive over HTTP: how they are kept, and the process beside the server that loads them."""
