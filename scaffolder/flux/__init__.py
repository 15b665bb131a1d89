"""What Flux is and can do, and the text that `flux bootstrap` would write for it."""
