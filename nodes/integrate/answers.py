"""What integration asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

NOT_STATED = "not stated"

Parameter = Literal["noise_level", "optimization_level", "parallelization", "precision", "seed", "shots", "none"]
PARAMETERS: dict[str, str] = {
    "noise_level": "probability of an error per gate",
    "optimization_level": "how much the circuit is optimised before it runs",
    "parallelization": "how many threads or processes work",
    "precision": "single or double precision of the numbers",
    "seed": "start of the random numbers",
    "shots": "how often the circuit is run and measured",
}
"""ProximA's parameters that a backend may have an option for, and what each sets."""


LEVELS: dict[str, dict[str, str]] = {
    "optimization_level": {"0": "not optimised", "1": "optimised a little", "2": "optimised as much as possible"},
    "parallelization": {
        "none": "one core only",
        "threads": "several threads",
        "processes": "several processes",
        "hybrid": "several processes with several threads each",
    },
    "precision": {"single": "single precision, 32 bits", "double": "double precision, 64 bits"},
}
"""Values of ProximA's parameters that a backend may have words for, and what each means."""


SWITCHED: dict[str, tuple[str, list[str], list[str]]] = {
    "optimization_level": ("optimisation of the circuit", ["1", "2"], ["0"]),
    "parallelization": ("work on several cores", ["threads"], ["none"]),
    "precision": ("single precision", ["single"], ["double"]),
}
"""What a switch may turn on or off, and the values of a parameter that it is then on and off for."""


class Switch(BaseModel):
    """What a switch does to something where it is given."""

    does: Literal["on", "off", "neither"] = Field(
        json_schema_extra={
            "options": {
                "on": "it turns it on",
                "off": "it turns it off, or does the opposite",
                "neither": "it sets something else",
            }
        }
    )


class NoiseUnit(BaseModel):
    """What the number after a noise option is."""

    unit: Literal["probability", "percent", "fidelity"] = Field(
        json_schema_extra={
            "options": {
                "probability": "the probability of an error, from 0 to 1",
                "percent": "the probability of an error in percent, from 0 to 100",
                "fidelity": "the probability that no error happens, from 0 to 1",
            }
        }
    )


class Metadata(BaseModel):
    """What a backend's documents say of it."""

    name: str = Field(max_length=60)
    version: str = Field(max_length=40)
    max_qubits: str = Field(max_length=20)


class Feature(BaseModel):
    """What a sentence of the documents says that the backend can do."""

    feature: Literal["noise", "gpu", "threads", "mpi", "one_core", "none"] = Field(
        json_schema_extra={
            "options": {
                "noise": "it simulates errors or noise",
                "gpu": "it runs on a graphics card",
                "threads": "it uses several cores of one machine",
                "mpi": "it uses several machines",
                "one_core": "it works on a single core or thread",
                "none": "none of these, or that it cannot",
            }
        }
    )


class OptionMeaning(BaseModel):
    """What an option sets."""

    parameter: Parameter = Field(json_schema_extra={"options": {**PARAMETERS, "none": "anything else"}})


def one_of(title: str, field: str, values: Sequence[str]) -> type[BaseModel]:
    """An answer type with one field that is one of the values."""
    return each_one_of(title, [field], values, aliases=False)


def each_one_of(title: str, fields: Sequence[str], values: Sequence[str], *, aliases: bool = True) -> type[BaseModel]:
    """An answer type whose fields are each one of the values, by default known by aliases."""
    literal: Any = Literal
    kind = literal[tuple(values)]
    made: dict[str, Any] = {
        f"key_{number}" if aliases else name: (kind, Field(alias=name) if aliases else ...)
        for number, name in enumerate(fields)
    }
    model: type[BaseModel] = create_model(title, **made)
    return model


class ArgumentObject(BaseModel):
    """The object that an argument takes."""

    expression: str = Field(min_length=1, max_length=300)
    """A Python expression, or ``none``."""
