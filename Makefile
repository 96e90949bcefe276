# Two commands for a newcomer: `make demo` runs a whole newsroom, `make test` proves it.
# Needed: Python 3.11 or newer, pip and make. Everything else is installed into .venv, from the lock files.
SHELL := /bin/sh
PORT ?= 8000
export VAR_DIR ?= $(CURDIR)/var

# The first Python that is new enough, newest well-tried version first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  command -v $$p >/dev/null 2>&1 \
  && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  && { $$p -c 'import sys; print(sys.executable)'; break; }; done)
# Ask uv for its version: a shim on the path answers to `command -v` and then fails.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
VENV := .venv/bin
DEMO := SITE_NAME="The Pellworth Courier" SITE_TAGLINE="Harbour, town and estuary since 1887" TIME_ZONE=Europe/London

.PHONY: demo dev test test-unit test-postgres test-browser lint types format lock clean

demo: .venv/.runtime ## A whole newsroom at http://127.0.0.1:8000/ (PORT= for another)
	@$(VENV)/python manage.py demo_check_port $(PORT)
	@$(DEMO) $(VENV)/python manage.py prepare
	@$(DEMO) $(VENV)/python manage.py demo
	@$(DEMO) exec $(VENV)/python manage.py serve $(PORT)

dev: .venv/.development ## The developer's server: reload, tracebacks, debug toolbar
	@$(DEMO) DEBUG=on $(VENV)/python manage.py migrate -v 0
	@$(DEMO) DEBUG=on $(VENV)/python manage.py demo
	@$(DEMO) DEBUG=on exec $(VENV)/python manage.py runserver $(PORT)

test: lint types test-unit test-postgres test-browser ## Everything that can run on this machine
