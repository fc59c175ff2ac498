"""Which picture stands for a department: the first word that its English name contains decides."""

from __future__ import annotations

DEFAULT_ICON = "basket"

_WORDS = (
    ("frozen", "snow"),
    ("fruit", "apple"),
    ("vegetable", "apple"),
    ("bak", "bread"),
    ("bread", "bread"),
    ("dairy", "milk"),
    ("egg", "milk"),
    ("meat", "fish"),
    ("fish", "fish"),
    ("tea", "cup"),
    ("coffee", "cup"),
    ("beer", "wine"),
    ("wine", "wine"),
    ("spirit", "wine"),
    ("drink", "bottle"),
    ("water", "bottle"),
    ("oil", "jar"),
    ("sauce", "jar"),
    ("spice", "jar"),
    ("rice", "grain"),
    ("noodle", "grain"),
    ("flour", "grain"),
    ("snack", "sweet"),
    ("sweet", "sweet"),
    ("tin", "tin"),
    ("preserve", "tin"),
    ("household", "spray"),
    ("care", "drop"),
    ("baby", "paw"),
    ("pet", "paw"),
    ("stationery", "pencil"),
    ("toy", "pencil"),
)

ICONS = frozenset({icon for _, icon in _WORDS} | {DEFAULT_ICON})


def icon_of(department: str) -> str:
    """Return the name of the department's picture.

    >>> icon_of("Fruit and vegetables")
    'apple'
    """
    lowered = department.lower()
    return next((icon for word, icon in _WORDS if word in lowered), DEFAULT_ICON)
