"""Texts in the shopper's language: gettext message ids are the English texts, translations are ``<folder>/<language>.po``.

Catalogues are read with Babel when the program starts, so there is nothing to compile and nothing out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from babel.messages.pofile import read_po

from program.errors import ProgramError

Translate = Callable[[str], str]
"""English text in, text of the chosen language out."""


def load_texts(folder: Path, language: str) -> Translate:
    """Return the translation into ``language``; English needs no file.

    Raises:
        ProgramError: there is no catalogue for the language.
    """
    if language == "en":
        return lambda text: text
    path = folder / f"{language}.po"
    if not path.is_file():
        known = sorted(["en", *(file.stem for file in folder.glob("*.po"))])
        raise ProgramError(f"There are no texts for language {language!r}. Choose one of: {', '.join(known)}.")
    with path.open("rb") as file:
        catalogue = {
            str(message.id): str(message.string)
            for message in read_po(file, locale=language)
            if message.id and message.string and not message.fuzzy
        }
    return lambda text: catalogue.get(text, text)
