"""Renders what follows from the models: the wire structs and the JSON Schemas. Rule: nobody edits what is rendered."""

import json
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.events import EVENT, EVENT_MODELS, Envelope
from schemas.records import DERIVED_MODELS

HERE = Path(__file__).parent

HEADER = '''"""The hot path's twins of the models, rendered by `python -m schemas`. Rule: both accept the same.

Events are decoded from JSON by their `type`; derived records are msgpack arrays.
"""

# ruff: noqa: E501 - a rendered field stands on one line

from typing import Annotated, Literal

from msgspec import Meta, Struct, field


'''


def wire() -> str:
    """The text of schemas/wire.py."""
    text = HEADER + _event_base()
    for model in EVENT_MODELS:
        text += f'\n\nclass {model.__name__}(Envelope, tag="{_tag(model)}", kw_only=True):\n    {_doc(model)}\n\n'
        own = {name: info for name, info in _fields(model).items() if name not in _fields(Envelope) and name != "type"}
        text += _members(own)
    text += "\n\nEvent = " + "\n    | ".join(["(", *(model.__name__ for model in EVENT_MODELS)]).replace(
        "(\n    | ", "(\n    ", 1
    )
    text += "\n)\n"
    for record in DERIVED_MODELS:
        text += f"\n\nclass {record.__name__}(Struct, array_like=True, gc=False):\n    {_doc(record)}\n\n"
        text += _members(_fields(record))
    return text


def json_schemas() -> Mapping[str, str]:
    """File name to text, one for the events and one for each derived record."""
    schemas: dict[str, Any] = {"event": EVENT.json_schema()}
    for record in DERIVED_MODELS:
        schemas[record.__name__] = record.model_json_schema()
    return {f"{name}.json": json.dumps(schema, indent=1) + "\n" for name, schema in schemas.items()}


def outputs() -> Mapping[Path, str]:
    """Every rendered file."""
    return {HERE / "wire.py": wire()} | {HERE / "json" / name: text for name, text in json_schemas().items()}


def write() -> Iterable[Path]:
    """Writes what differs and says which."""
    for path, text in outputs().items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            yield path


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return model.model_fields


def _tag(model: type[Envelope]) -> str:
    return str(model.model_fields["type"].default)


def _doc(model: type[BaseModel]) -> str:
    return f'"""{(model.__doc__ or "").strip()}"""'


def _event_base() -> str:
    text = 'class Envelope(Struct, tag_field="type", kw_only=True, omit_defaults=True, gc=False):\n'
    return text + f"    {_doc(Envelope)}\n\n" + _members(_fields(Envelope))


def _members(fields: Mapping[str, FieldInfo]) -> str:
    return "".join(f"    {name}: {_annotation(info)}{_default(info)}\n" for name, info in fields.items()) or ""


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    if info.default_factory is not None:
        return f" = field(default_factory={info.default_factory.__name__})"
    return f" = {json.dumps(info.default)}" if isinstance(info.default, str) else f" = {info.default!r}"


def _annotation(info: FieldInfo) -> str:
    return _constrained(_type(info.annotation), info.metadata)


def _constrained(name: str, metadata: Iterable[object]) -> str:
    words = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}
    limits = []
    for limit in metadata:
        word = words.get(type(limit))
        if word is None:
            raise NotImplementedError(f"The wire has no twin of {limit!r}: teach schemas/generate.py.")
        limits.append(f"{word}={getattr(limit, word)}")
    return f"Annotated[{name}, Meta({', '.join(limits)})]" if limits else name


def _type(annotation: Any) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "None"
    if hasattr(annotation, "__metadata__"):
        flat: list[object] = []
        for item in annotation.__metadata__:
            flat += item.metadata if isinstance(item, FieldInfo) else [item]
        return _constrained(_type(annotation.__origin__), flat)
    if origin is Literal:
        return "Literal[" + ", ".join(json.dumps(arg) if isinstance(arg, str) else repr(arg) for arg in args) + "]"
    if origin in (Union, types.UnionType):
        return " | ".join(_type(arg) for arg in args)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(_type(arg) for arg in args)}]"
    return str(annotation.__name__)
