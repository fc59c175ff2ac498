"""The whole shop on one machine: starts every program as a process, plays the world at the bench, tells the trips as a story.

Start with ``__main__``. Nothing of the programs is imported here: they are driven through camera frames, HTTP and serial bytes.
"""
