"""Training runs: configuration and recipes, the run itself, its checkpoint and folder, sweeps of many."""
