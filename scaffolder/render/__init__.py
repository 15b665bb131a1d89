"""From documents to files: units, their inputs, and the pure rendering of both into trees."""
