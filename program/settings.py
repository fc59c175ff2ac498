"""Settings: one TOML file per program, read once; environment variables win over the file.

A program declares a subclass of :class:`ProgramSettings`; sections are nested models derived from :class:`Section`. An unknown
key is an error that names the nearest right one. ``SCANLANE_SERVER__URL=...`` overrides ``url`` in ``[server]``.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from program.errors import SettingsError, reason

ENVIRONMENT_PREFIX = "SCANLANE_"
_OF_OURS = "Value error, "
"""What pydantic puts before the sentences of our own checks."""


def _one_word(text: str) -> str:
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be what store-server enrol printed: letters, digits and signs in one word")
    return text


Token = Annotated[str, AfterValidator(_one_word)]
"""What a program shows the store server; it travels in a header, which carries nothing but ASCII."""


class Section(BaseModel):
    """A table in the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProgramSettings(BaseSettings):
    """The whole settings file of one program."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__")

    data_dir: Path
    """Folder for this program's own files: journal, log, lock. Made when missing."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings calls it so
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


AnySettings = TypeVar("AnySettings", bound=ProgramSettings)


def load_settings(model: type[AnySettings], path: Path) -> AnySettings:
    """Read and check a settings file. Relative paths in ``data_dir`` count from the file's folder.

    Raises:
        SettingsError: one sentence per mistake, naming the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"Cannot read the settings file {path}: {reason(error)}. Name it with --settings FILE.") from error
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is no valid TOML: {error}.") from error
    if (place := _place_of_nul(values)) is not None:
        raise SettingsError(f"{path} has mistakes:\n  {place}: contains a NUL character (\\u0000); leave it out.")
    return check_settings(model, values, path)


def check_settings(model: type[AnySettings], values: dict[str, Any], path: Path) -> AnySettings:
    """Make settings from values read from ``path``."""
    try:
        settings = model(**values)
    except ValidationError as error:
        sentences = "\n".join(f"  {_sentence(model, detail)}" for detail in error.errors())
        raise SettingsError(f"{path} has mistakes:\n{sentences}") from error
    folder = settings.data_dir.expanduser()
    return settings if folder.is_absolute() else settings.model_copy(update={"data_dir": path.parent / folder})


def _place_of_nul(value: Any, place: str = "") -> str | None:
    """Find a text that no database and no file name takes; TOML cannot nest deeply enough to be a danger here."""
    if isinstance(value, str):
        return place if "\0" in value else None
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        if "\0" in str(key):
            return f"{place} (a key)".strip()
        if (found := _place_of_nul(one, f"{place}.{key}".lstrip("."))) is not None:
            return found
    return None


def _sentence(model: type[BaseModel], detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _known_keys(model, detail["loc"][:-1])
        nearest = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"Did you mean {nearest[0]!r}?" if nearest else f"Known here: {', '.join(sorted(known))}."
        return f"{place}: there is no such key. {hint}"
    if detail["type"] == "missing":
        return f"{place}: this key is needed and missing."
    if detail["type"] == "path_type":
        return f"{place}: must be a path between quotation marks (got {detail['input']!r})."
    return f"{place}: {detail['msg'].removeprefix(_OF_OURS)} (got {detail['input']!r})."


def _known_keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    fields = model.model_fields
    for part in place:
        field = fields.get(str(part))
        if field is None:
            continue
        inner = _inner_model(field.annotation)
        fields = inner.model_fields if inner is not None else {}
    return list(fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((found for argument in arguments if (found := _inner_model(argument)) is not None), None)
