"""Keys of web forms: they can add leads to one list, and nothing else."""
