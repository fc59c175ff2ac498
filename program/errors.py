"""Mistakes that end a program at its start, each with a sentence that says what to do."""


class ProgramError(Exception):
    """The program cannot go on; the message is for the person who started it."""


class SettingsError(ProgramError):
    """A settings file is missing, unreadable or wrong."""
