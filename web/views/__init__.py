"""What each page shows, as plain values: routes fill these in, templates read nothing else."""
