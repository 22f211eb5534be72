"""What the scripts share: policies by name, printing, stopping, pictures and windows."""
