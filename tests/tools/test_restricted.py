from __future__ import annotations

import pytest

from tools.restricted import Restricted, admitted

HEAD = "def translate(operations, qubits, shots, seed):\n"
WHOLE = '''
import json
from math import pi, sqrt

TABLE = {"h": 1}


def turns(angle: float) -> float:
    return angle / (2 * pi)


def translate(operations, qubits, shots, seed):
    """What it is."""
    rows = [[name.upper(), *on, *(turns(each) for each in angles)] for name, on, angles in operations]
    try:
        return json.dumps({"n": qubits, "rows": rows, "one": TABLE["h"]})
    except KeyError as error:
        raise ValueError(f"no {error}") from error
'''


def test_a_function_with_what_it_uses_becomes_one_that_stands_alone() -> None:
    text = admitted(WHOLE)

    space: dict[str, object] = {}
    exec(compile(text, "translator", "exec"), space)
    assert [name for name in space if not name.startswith("__")] == ["translate"]
    translate = space["translate"]
    assert callable(translate)
    assert translate([["h", [1], []]], 2, 3, 4) == '{"n": 2, "rows": [["H", 1]], "one": 1}'
    assert admitted(text) == text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("    return open('x').read()", "name open"),
        ("    import os\n    return os.getcwd()", "import os"),
        ("    from json import codecs\n    return ''", "import codecs from json"),
        ("    import re\n    return re.enum.sys.executable", "re.enum"),
        ("    import json\n    j = json\n    return j.codecs", "may only stand before a dot"),
        ("    return str(().__class__)", "attribute __class__"),
        ("    return '{0.__class__}'.format(1)", "two underscores"),
        ("    return (x for x in [1]).gi_frame.f_globals['os']", "attribute"),
        ("    def f():\n        subprocess = 1\n    return subprocess.run('ls')", "name subprocess"),
        ("    return getattr(qubits, 'real')", "name getattr"),
        ("    return NAME", "name NAME"),
        ("    global x\n    x = 1\n    return ''", "must not use `global x`"),
        ("    return (", "not valid Python"),
    ],
)
def test_what_it_must_not_do_is_said(body: str, why: str) -> None:
    with pytest.raises(Restricted, match=why):
        admitted(HEAD + body + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "def other(operations, qubits, shots, seed):\n    return ''\n",
        "def translate(operations, qubits):\n    return ''\n",
        HEAD + "    return ''\nprint(1)\n",
        "def translate(operations, qubits, shots, seed=exit()):\n    return ''\n",
        "@exit\n" + HEAD + "    return ''\n",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(Restricted):
        admitted(text)
