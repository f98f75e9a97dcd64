"""A small state-vector quantum simulator in pure Python and NumPy."""

from .circuit import Circuit, Operation
from .simulator import Simulator

__all__ = ["Circuit", "Operation", "Simulator"]
__version__ = "0.2.0"
