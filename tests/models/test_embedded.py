"""Short checks of the model that runs in this process; most need its file in the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from configs.settings import cache_folder, load_settings
from models.catalogue import entry
from models.errors import ModelError, Rejected
from models.fetch import is_complete, model_file
from models.providers import make_chat_model
from tests.models.conftest import AskerMaker

SPEC = "embedded:qwen2.5-coder-1.5b"
CACHE = cache_folder()
"""The person's own cache: the tests otherwise have an empty one each."""

THERE = is_complete(entry(SPEC))

needs_the_file = pytest.mark.skipif(not THERE, reason=f"{model_file(entry(SPEC))} is not there")

PROMPT = """---
max_tokens: {max_tokens}
---
Name the failure that the line reports.

Examples:
`fatal error: zlib.h: No such file or directory` is missing_dependency
`error: expected ';' before '}}' token` is syntax
`c++: fatal error: Killed signal terminated program cc1plus` is out_of_memory
=====
{{{{ line | fence("line") }}}}
Which failure is it?
"""


class Failure(BaseModel):
    kind: Literal["missing_dependency", "syntax", "out_of_memory"]


class Forced(BaseModel):
    animal: Literal["zebra"]
    number: int = Field(ge=41, le=42)


class Long(BaseModel):
    essay: str = Field(min_length=400)


@pytest.mark.embedded
@needs_the_file
def test_the_embedded_model_answers_by_schema_from_its_prompt_cache(
    make_asker: AskerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGIL_CACHE", str(CACHE))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for name, max_tokens in (("failure", 40), ("long", 12)):
        (make_asker.prompts / f"{name}.md").write_text(PROMPT.format(max_tokens=max_tokens))
    asker = make_asker(SPEC)

    line = "x.cpp:3: fatal error: Eigen/Dense: No such file or directory"
    assert asker.ask("failure", Failure, line=line).kind == "missing_dependency"
    forced = asker.ask("failure", Forced, line=line)
    assert forced.animal == "zebra" and forced.number in (41, 42)
    with pytest.raises(Rejected, match="cut off"):
        asker.ask("long", Long, line=line)
    assert all(record["output_tokens"] <= 40 for record in asker.transcript.records())

    model = make_chat_model(SPEC, load_settings())
    front = asker.transcript.records()[0]["messages"][0]
    again = model.invoke([front, {"role": "user", "content": "Another line. Which failure is it?"}], max_tokens=1)
    usage = again.usage_metadata
    assert usage is not None
    assert usage["input_token_details"]["cache_read"] > usage["input_tokens"] / 2

    alone = make_chat_model(SPEC, load_settings(), log=make_asker.prompts / "model.log", threads=1)
    assert alone.invoke("Say yes.", max_tokens=1).text
    assert "1 threads" in (make_asker.prompts / "model.log").read_text()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF but no more")
    with pytest.raises(ModelError, match=r"damaged\.gguf"):
        make_chat_model(f"embedded:{damaged}", load_settings())
