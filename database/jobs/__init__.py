"""What a server asks to be loaded and removed, and the process that does it."""
