"""Mistakes that end a program at its start, each with a sentence that says what to do."""


class ProgramError(Exception):
    """The program cannot go on; the message is for the person who started it."""


class SettingsError(ProgramError):
    """A settings file is missing, unreadable or wrong."""


def reason(error: Exception) -> str:
    """Return what went wrong in one line of words: of the operating system's errors what they mean, without number and file."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(words.split()).removesuffix(".")
