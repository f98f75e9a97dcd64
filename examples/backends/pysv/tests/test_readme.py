import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_example(capsys):
    text = README.read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(example, {})
    shown = re.findall(r"print\(.*#\s*(.*)", example)
    assert capsys.readouterr().out.splitlines() == shown
