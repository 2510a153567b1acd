"""Making recordings playable, in a process that can do little else."""
