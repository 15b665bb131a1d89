"""The documents people write: their kinds, how they are read and checked, and how they are changed."""
