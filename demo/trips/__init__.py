"""The trips that the demo plays, one file each: ``play(cast)`` does the steps and tells them to the story.

Start with ``honest``; ``steps`` holds what several trips do alike.
"""
