# Two commands do all the set-up: `make demo` runs the main job on the real traces, `make test` runs the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint docs cases api bench clean

# The traces of real requesters hold real faults, so `vss-sim check` ends with 1 here, as it should.
demo: $(VENV)/installed
	$(BIN)/vss-sim check conformance/traces; test $$? -eq 1

test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

docs: $(VENV)/installed
	$(BIN)/vss-sim protocol > docs/protocol.md
	$(BIN)/vss-sim answers > docs/answers.md
	$(BIN)/vss-sim glossary > docs/glossary.md
	$(BIN)/vss-sim wire-schema > docs/wire.schema.json
	$(BIN)/vss-sim world keys > docs/world.md
	$(BIN)/vss-sim world schema > docs/world.schema.json
	$(BIN)/vss-sim restore-methods > docs/restore-methods.md
	$(BIN)/python -m vss_sim.cli.write_suite

# Headers of cases that lack what their lines show of the computer.
cases: $(VENV)/installed-dev
	$(BIN)/python -m tests.complete_cases

# The typed modules of the Python interface, from the tables.
api: $(VENV)/installed-dev
	$(BIN)/python -m vss_sim.cli.write_requester

bench: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m tests.benchmarks.check_rate --write docs/performance.md
	$(BIN)/python -m tests.benchmarks.call_cost --write docs/performance.md
	$(BIN)/python -m tests.benchmarks.file_cost --write docs/performance.md
	$(BIN)/python -m tests.benchmarks.document_cost --write docs/performance.md
	$(BIN)/python -m tests.benchmarks.conform_rate --write docs/performance.md
	$(BIN)/python -m tests.benchmarks.restore_cost --write docs/performance.md

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
