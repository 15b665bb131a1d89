"""What `bootstrap` does: its flags, the forge's part, the cluster's part, and the one run through all of it."""
