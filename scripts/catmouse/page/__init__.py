"""The playground: one HTML file in which brains train, play and prove what they can (see README.md)."""
