"""The rendered files are current, and models and wire structs accept and refuse the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import wire
from schemas.codec import InvalidEvent, check_event, read_events
from schemas.events import EVENT_MODELS
from schemas.generate import outputs
from tests.examples import share

EXAMPLE = json.loads((Path(__file__).parents[2] / "schemas/examples/session-events.json").read_text())[0]["events"]

WRONG: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2.0,
    1 << 60,
    "",
    "0",
    "x" * 201,
    "y" * 16,
    [],
    {},
    {"a": 1},
    {"a": "b"},
]


def _accepts(line: bytes) -> tuple[bool, bool]:
    try:
        check_event(line)
        model = True
    except InvalidEvent:
        model = False
    try:
        read_events(line)
        struct = True
    except InvalidEvent:
        struct = False
    return model, struct


def test_rendered_files_are_current() -> None:
    """`python -m schemas` would change nothing."""
    for path, text in outputs().items():
        assert path.read_text() == text, f"{path.name} is stale: run python -m schemas"


@settings(max_examples=share(600))
@given(event=st.sampled_from(EXAMPLE), data=st.data())
def test_models_and_structs_accept_the_same(event: dict[str, Any], data: st.DataObject) -> None:
    """Whatever one field is changed to, dropped or added, both say yes or both say no."""
    changed = dict(event)
    name = data.draw(st.sampled_from([*changed, "surplus"]))
    kind = data.draw(st.sampled_from(["drop", "wrong", "text", "number"]))
    if kind == "drop":
        changed.pop(name, None)
    elif kind == "wrong":
        changed[name] = data.draw(st.sampled_from(WRONG))
    elif kind == "text":
        changed[name] = data.draw(st.text(max_size=220))
    else:
        changed[name] = data.draw(
            st.integers(min_value=-(1 << 62), max_value=1 << 62) | st.floats(allow_nan=False, allow_infinity=False)
        )

    model, struct = _accepts(json.dumps(changed).encode())

    assert model == struct, changed


def test_a_difference_would_be_seen() -> None:
    """The comparison bites: a struct without limits takes what the model refuses."""
    line = json.dumps({**EXAMPLE[1], "prompt_length": -1}).encode()

    assert _accepts(line) == (False, False)
    with pytest.raises(InvalidEvent, match="prompt_length"):
        read_events(line)
    with pytest.raises(InvalidEvent, match="prompt_length"):
        check_event(line)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (b"", ""),
        (b"{}", ""),
        (b"nonsense", ""),
        (b"\xff\xfe", ""),
        (b"null", ""),
        (json.dumps({**EXAMPLE[1], "type": "nothing_known"}).encode(), "type"),
        (json.dumps({**EXAMPLE[1], "run": "short"}).encode(), "run"),
        (json.dumps({**EXAMPLE[1], "occurred_at": "yesterday"}).encode(), "occurred_at"),
        (b"\n".join(json.dumps({**EXAMPLE[1], "session_id": s}).encode() for s in "ab"), "session_id"),
    ],
)
def test_a_bad_message_says_which_field(message: bytes, field: str) -> None:
    """One error, with the field and the reason."""
    with pytest.raises(InvalidEvent) as caught:
        read_events(message)

    assert caught.value.field == field
    assert caught.value.why


def test_the_catalogue_of_types_is_whole() -> None:
    """Every model has a struct of its name, tagged by its type."""
    for model in EVENT_MODELS:
        assert getattr(wire, model.__name__).__struct_config__.tag == model.model_fields["type"].default
