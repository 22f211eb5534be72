"""What `benchmark.py` measures, a section at a time."""
