"""What the commands do, once their flags are read. Imported when a command runs, so that `--help` is quick."""
