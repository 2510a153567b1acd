"""Sub-commands of `kindroom`, one file per noun."""
