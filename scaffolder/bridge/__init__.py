"""Where the pure rooms meet what is outside: files, other programs, the network."""
