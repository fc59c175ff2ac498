"""The workshop: set-up of a fresh machine and the parts of the documents that are drawn from code. Not installed."""
