# Everything a person or CI runs here. Each target sets up what it needs.
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# More workers than cores: many tests wait for real lines, belts and processes; see tests/support/work_sharing.py.
WORKERS ?= 5
HEADLESS ?=
# Without bytecode files every start of a program compiles all its libraries: two to four seconds instead of one.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help set-up demo test check lint docs bench soak lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

set-up: # Virtual environment, locked packages, system libraries
	@VENV=$(VENV) sh tools/set_up.sh

demo: set-up ## Run the whole shop on this machine; HEADLESS=1 plays the trips and saves pictures under build/demo
	@$(BIN)/python -m demo $(if $(HEADLESS),--headless,)

test: set-up ## Run every test: rules of the house, units, devices on real lines, whole trips as real processes
	@QT_QPA_PLATFORM=offscreen $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: set-up # ruff, mypy --strict, import-linter, documents drawn from code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.draw_documents --check

check: lint test ## Run the static checks, then every test

docs: set-up ## Draw again the parts of the documents that come from code
	$(BIN)/python -m tools.draw_documents

bench: set-up ## Measure; prints ratios and writes build/bench.json
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench

soak: export SCANLANE_SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
soak: set-up ## Run long histories, races, crashes and planted bugs; HISTORIES, RACE_S, CRASHES, SEED say how much of what
	@SCANLANE_HISTORIES=$(or $(HISTORIES),100000) SCANLANE_RACE_S=$(or $(RACE_S),120) SCANLANE_CRASHES=$(or $(CRASHES),20) \
		QT_QPA_PLATFORM=offscreen $(PYTEST) -n $(WORKERS) --dist load --timeout 0 tests/fault $(ARGS)
	@$(BIN)/python -m tests.fault.plant

lock: # Renew requirements.lock for the ranges in setup.cfg
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra tests --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade -o requirements.lock

clean: ## Remove what was built; the shop's data of the demo as well
	rm -rf build run dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .nicegui
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
