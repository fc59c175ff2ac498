"""A camera and the reading of symbols in its frames."""
