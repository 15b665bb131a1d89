"""Change requests: of which forge, how a command's work becomes one, and what is done with those that are there."""
