# make demo | test | check | cover | bench    each sets itself up on a fresh machine

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
# Where PYTHONDONTWRITEBYTECODE is set, each start would compile all modules anew: 0.12 s more.
COMPILE := $(BIN)/python -m compileall -q src
# Tests wait for their peers about as long as they compute.
TEST_PROCESSES ?= $(shell echo $$((2 * $$(nproc))))

.PHONY: help demo test check cover bench format generate fuzz peers clean

help:
	@echo "make demo    secure an API, attack it, show the traffic (seconds)"
	@echo "make test    every check and every test (minutes)"
	@echo "make check   format, lint, types, floors, docstrings, spelling, generated files"
	@echo "make bench   speed beside socat, HAProxy, nginx and stunnel"
	@echo "make cover   which lines and branches no test runs (long; TESTS=tests/guard for some)"
	@echo "make fuzz    a longer hunt for inputs that break a parser"

$(BIN)/catflap:
	@echo "setting up $(VENV), once (a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(COMPILE)

$(STAMP): $(BIN)/catflap pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@$(COMPILE)
	@touch $@

demo: $(BIN)/catflap
	@$(BIN)/catflap demo

peers:
	@tools/peers

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate src
	$(BIN)/codespell src docs tests bench README.md CHANGELOG.md SECURITY.md CONTRIBUTING.md
	$(BIN)/python tools/generate --check
	$(BIN)/catflap audit --quiet --min-severity medium .

test: peers check
	@$(COMPILE)
	PYTEST_XDIST_AUTO_NUM_WORKERS=$(TEST_PROCESSES) $(BIN)/python -m pytest

cover: $(STAMP) peers
	@$(COMPILE)
	rm -f .coverage .coverage.*
	-$(BIN)/python -m coverage run -m pytest --timeout 600 $(TESTS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --show-missing

fuzz: $(STAMP)
	FUZZ=long $(BIN)/python -m pytest tests -k "property or fuzz or mutat" --timeout 3600
	$(BIN)/python -m tests.audit.mutations 20000

bench: $(STAMP) peers
	@$(COMPILE)
	$(BIN)/python -m bench

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(STAMP)
	$(BIN)/python tools/generate

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist
