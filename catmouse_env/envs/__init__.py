"""The environments: thin faces of one game."""
