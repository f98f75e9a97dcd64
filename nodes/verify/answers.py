"""What verification asks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Expectation(BaseModel):
    """What a circuit is expected to give."""

    outcomes: Literal["00 and 11", "01 and 10", "00, 01, 10 and 11", "00"] = Field(
        json_schema_extra={
            "options": {
                "00 and 11": "half of the shots each",
                "01 and 10": "half of the shots each",
                "00, 01, 10 and 11": "a quarter of the shots each",
                "00": "all shots",
            }
        }
    )


class BitOrder(BaseModel):
    """What a sentence says of qubit 0 in a bit string."""

    place: Literal["first", "last", "elsewhere"] = Field(
        json_schema_extra={
            "options": {
                "first": "qubit 0 is the first character: the leftmost, the most significant bit, big-endian",
                "last": "qubit 0 is the last character: the rightmost, the least significant bit, little-endian",
                "elsewhere": "it does not say where qubit 0 stands in a bit string",
            }
        }
    )


class Way(BaseModel):
    """How the backend is driven."""

    way: str
    """One of the candidates, word for word."""


class CircuitFile(BaseModel):
    """A circuit in the backend's own format."""

    lines: list[str] = Field(min_length=2, max_length=40)


class SourceProgram(BaseModel):
    """A program that runs one circuit through a library, and how it is built and run."""

    suffix: str = Field(pattern=r"^\.\w{1,8}$")
    lines: list[str] = Field(min_length=3, max_length=120)
    command: str = Field(min_length=2, max_length=600)


class Translator(BaseModel):
    """A Python function that writes circuits in a backend's own format."""

    lines: list[str] = Field(min_length=2, max_length=160)


class RunCommand(BaseModel):
    """The command that runs a circuit file."""

    command: str = Field(min_length=2, max_length=300)


class Outcome(BaseModel):
    """One outcome that an output names."""

    bits: str = Field(pattern="^[01]+$")
    number: str = Field(pattern=r"^[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$")


class Outcomes(BaseModel):
    """All outcomes that an output names."""

    outcomes: list[Outcome] = Field(min_length=1, max_length=16)


class Program(BaseModel):
    """A Python program that runs one circuit, in pieces."""

    imports: list[str] = Field(min_length=1, max_length=6)
    circuit: str
    more: list[str] = Field(max_length=4)
    hadamard: str
    controlled_not: str
    result: str


class Line(BaseModel):
    """One line or statement."""

    line: str = Field(min_length=1, max_length=200)


class GateName(BaseModel):
    """How a backend spells a gate."""

    name: str = Field(min_length=1, max_length=40)
