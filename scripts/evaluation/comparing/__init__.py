"""Language models side by side: `scripts/eval answers`."""
