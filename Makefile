# Two commands for a newcomer: `make demo` runs a whole newsroom, `make test` proves it.
# Needed: Python 3.11 or newer, pip and make. Everything else goes into .venv, from the lock files.
SHELL := /bin/sh
PORT ?= 8000

# The first Python that is new enough, newest well-tried version first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  command -v $$p >/dev/null 2>&1 \
  && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  && { $$p -c 'import sys; print(sys.executable)'; break; }; done)
# Ask uv for its version: a shim on the path answers to `command -v` and then fails.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
# The system's own certificates: some networks put theirs in the way.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
RUN := .venv/bin/python
MANAGE := $(RUN) manage.py
DEMO := SITE_NAME="$${SITE_NAME:-The Pellworth Courier}" \
  SITE_TAGLINE="$${SITE_TAGLINE:-Harbour, town and estuary since 1887}" \
  TIME_ZONE="$${TIME_ZONE:-Europe/London}" SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}" \
  SITE_CONTACT="$${SITE_CONTACT:-desk@pellworth.example}"

.PHONY: demo dev test bench topology lock format clean python

demo: .venv/.runtime ## A whole newsroom at http://127.0.0.1:8000/ (PORT= for another)
	@$(DEMO) $(MANAGE) prepare --port $(PORT)
	@$(DEMO) $(MANAGE) demo --port $(PORT)
	@$(DEMO) exec $(MANAGE) serve $(PORT)

dev: .venv/.development ## The developer's server: reload, tracebacks, debug toolbar
	@$(DEMO) DEBUG=on $(MANAGE) prepare --port $(PORT)
	@$(DEMO) DEBUG=on $(MANAGE) demo --port $(PORT)
	@$(DEMO) DEBUG=on sh -c '$(MANAGE) work --with-parent & exec $(MANAGE) runserver $(PORT)'

test: .venv/.development ## Everything that can run on this machine; says what it left out
	@$(RUN) tests/run.py

bench: .venv/.development ## What everything costs, beside the machine's own limits; see bench/README.md
	@$(RUN) -m bench $(BENCH)

topology: .venv/.development ## Many machines on this one, and what they promise; see deploy/README.md
	@$(RUN) -m deploy.topology $(TOPOLOGY)

format: .venv/.development ## Bring the code into the house's format
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

lock: python $(filter .uv/bin/uv,$(UV)) ## Pin the dependencies of pyproject.toml, with hashes
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header pyproject.toml -o requirements.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header pyproject.toml --all-extras -c requirements.txt -o requirements-many.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header pyproject.toml --group dev --all-extras -o requirements-dev.txt

clean: ## Remove the environment; what the site wrote under var/ stays
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on the path." >&2; exit 1; }
	@test -w . || { echo "$(CURDIR) cannot be written: the environment is built here." >&2; exit 1; }

# Without ensurepip (some systems package it apart) the outer pip installs into the environment.
.uv/bin/uv: | python
	@echo "Getting uv, which installs the rest …"
	@$(PYTHON) -m venv .uv 2>/dev/null && .uv/bin/python -m pip install -q uv \
	  || { rm -rf .uv; $(PYTHON) -m venv --without-pip .uv \
	  && $(PYTHON) -m pip --python .uv/bin/python install -q uv; } \
	  || { rm -rf .uv; echo "uv could not be installed: is there a network, and pip?" >&2; exit 1; }

.venv/.runtime: requirements.txt $(filter .uv/bin/uv,$(UV)) | python
	@echo "Installing the packages that the site needs …"
	@$(UV) venv -q --allow-existing .venv
	@$(UV) pip install -q --python $(RUN) --require-hashes -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt $(filter .uv/bin/uv,$(UV)) | python
	@echo "Installing the packages that development and tests need …"
	@$(UV) venv -q --allow-existing .venv
	@$(UV) pip install -q --python $(RUN) --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime
