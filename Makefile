# Two commands are a promise: `make demo` and `make test` work on a fresh clone with Python 3.11.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
JOBS   ?= 2

.PHONY: setup demo test lint bench lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   set up, then run the real chain on virtual time (ARGS=--exit stops when it is complete)"
	@echo "make test   set up, then linters, type checks, floors and all tests (JOBS=2 at once)"
	@echo "make bench  the directive round on the real parts; writes docs/performance.md (ARGS=... see --help)"
	@echo "make lock   write requirements.lock anew from pyproject.toml"

# The set-up is repeated only when the lock or the project's own description changed.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools-requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.installed

demo: setup
	@$(BIN)/python -m demo $(ARGS)

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: lint
	@sh tests/prepare.sh
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

bench: setup
	@$(BIN)/python -m benchmarks.round $(ARGS)

lock: $(BIN)/uv
	@$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --generate-hashes --extra dev --python-version 3.11 --universal pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) var
