"""What the blocks of a mapping file have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from converter.mapping.constants import constant
from converter.mapping.yaml_events import PlainScalar

Text = Annotated[str, Field(min_length=1)]


class Block(BaseModel):
    """A block of the file: unknown keys are refused, values never change."""

    # A block that is part of another one is made ready with it, not for itself before.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Title(Block):
    """A name or sentence in the two languages that people read."""

    en: Text
    zh: Text

    @property
    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {"en": self.en, "zh": self.zh}

    def get(self, lang: str) -> str:
        """The text in a language, or in English where the mapping has none in it."""
        return self.texts.get(lang, self.en)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=tuple[str, ...] | str)
]


def _json(value: Any) -> Any:
    """What constants of the file mean as JSON, inside lists and objects too."""
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [*map(_json, value)]
    return constant(value) if isinstance(value, PlainScalar) else value


Json = Annotated[Any, BeforeValidator(_json)]
"""Any JSON: without quotes, numbers, true, false and null mean themselves."""
