"""Actions told about themselves: what parameters they take, and how JSON arguments are checked before they are called."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Mapping

from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from hardware.bench.simulator import Action, ActionError, JsonValue

NOW = "now_s"
"""The parameter that the bench fills in itself."""


def describe(name: str, action: Action) -> dict[str, JsonValue]:
    """Return what a person or a window needs to offer ``action``: name, doc and parameters with type and default."""
    parameters: list[JsonValue] = []
    for parameter in _parameters(action).values():
        told: dict[str, JsonValue] = {
            "name": parameter.name,
            "type": _type_name(parameter.annotation),
            "required": parameter.default is inspect.Parameter.empty,
        }
        if parameter.default is not inspect.Parameter.empty:
            told["default"] = parameter.default
        parameters.append(told)
    return {"name": name, "doc": inspect.getdoc(action) or "", "parameters": parameters}


def call(name: str, action: Action, arguments: Mapping[str, JsonValue], now_s: float) -> JsonValue:
    """Call ``action`` with arguments that fit its signature.

    Raises:
        ActionError: an argument is unknown, missing or of the wrong type, or the action says that it cannot be done.
    """
    parameters = _parameters(action)
    for given in arguments:
        if given not in parameters:
            raise ActionError(f"{name} takes no {given!r}. {_takes(parameters)}")
    ready = {key: _checked(name, parameters[key], value) for key, value in arguments.items()}
    for key, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and key not in ready:
            raise ActionError(f"{name} needs {key!r}. {_takes(parameters)}")
    if NOW in inspect.signature(action).parameters:
        ready[NOW] = now_s
    try:
        return action(**ready)
    except ActionError:
        raise
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise ActionError(f"{name} cannot be done with that: {error}.") from error


def _parameters(action: Action) -> dict[str, inspect.Parameter]:
    try:
        signature = inspect.signature(action, eval_str=True)
    except NameError:
        # The type is imported for checking only; its name is all that can be told.
        signature = inspect.signature(action)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {key: found for key, found in signature.parameters.items() if key != NOW and found.kind in named}


def _checked(name: str, parameter: inspect.Parameter, value: JsonValue) -> object:
    if parameter.annotation is inspect.Parameter.empty or isinstance(parameter.annotation, str):
        return value
    try:
        adapter: TypeAdapter[object] = TypeAdapter(parameter.annotation, config=ConfigDict(allow_inf_nan=False))
    except PydanticSchemaGenerationError:
        return value
    try:
        return adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ActionError(f"{name}: {parameter.name} is wrong: {reason} (got {_shortened(value)}).") from error


def _shortened(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what fits into a sentence


def _takes(parameters: Mapping[str, inspect.Parameter]) -> str:
    if not parameters:
        return "It takes no arguments."
    return f"It takes: {', '.join(parameters)}."


def _type_name(annotation: object) -> str:
    if annotation is inspect.Parameter.empty:
        return "any"
    if typing.get_origin(annotation) is typing.Literal:
        return " | ".join(json.dumps(choice, ensure_ascii=False) for choice in typing.get_args(annotation))
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation.__name__
    return str(annotation)
