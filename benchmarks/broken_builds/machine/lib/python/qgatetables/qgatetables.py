"""Tables of gate matrices, for programs that generate code when they are built."""

TABLES = {
    "h": (0.7071067811865476, 0.7071067811865476, 0.7071067811865476, -0.7071067811865476),
    "x": (0.0, 1.0, 1.0, 0.0),
}


def as_python(name):
    """A gate's matrix as a line of Python."""
    return f"{name.upper()} = {TABLES[name]!r}"
