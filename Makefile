# Everything begins with `make setup`, which does nothing where .venv is current.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.current
MODEL ?= embedded:qwen2.5-coder-1.5b

.PHONY: setup demo test check test-all test-live test-corpus bench-recovery bench-faults bench-run lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Rigil needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# The main job on an example whose build fails here at first: a library is missing, and the agent gets it.
# --approve all, because it is fetched or installed, and nobody is there to be asked.
demo: setup
	$(BIN)/rigil models pull embedded:qwen2.5-coder-1.5b
	$(BIN)/rigil up examples/backends/statevec-cpp --name svsim --model $(MODEL) --approve all

test: check

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

# Every test that needs no real model, with the whole of what `make test` tries a quick part of; some take hours.
test-all: setup
	$(BIN)/pytest -m "(whole or not whole) and not live and not corpus"

# With the embedded model on real work; slow on two cores.
test-live: setup
	$(BIN)/rigil models pull embedded:qwen2.5-coder-1.5b
	$(BIN)/pytest -m "embedded or live" -o addopts="-ra"

# Every case of the two corpora is broken as it says, and its solution mends it.
test-corpus: setup
	$(BIN)/pytest tests/benchmarks -m "corpus or not corpus"

# How an agent mends them: CASES="NAME NAME" chooses some, AGENT is rigil, react or both.
bench-recovery: setup
	$(BIN)/python -m benchmarks.broken_builds.run --model $(MODEL) --agent $(or $(AGENT),rigil) \
	  --cases "$(CASES)" --out $(or $(OUT),recovery.json)

# How it copes with faults at run time; MODEL=rules is the oracles alone, CASES="NAME NAME" chooses some.
bench-faults: setup
	$(BIN)/python -m benchmarks.runtime_faults.run --model $(MODEL) --cases "$(CASES)" --out $(or $(OUT),faults.json)

# What `rigil run` adds to the same circuits run directly.
bench-run: setup
	$(BIN)/python -m benchmarks.run $(CIRCUITS)

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
