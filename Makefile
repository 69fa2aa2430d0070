# The commands of the README. Each does its own set-up: python3 (with venv), git and make are enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTS ?= tests

.PHONY: help install demo test test-heavy test-bi reliability lint eval bench bench-serve lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

install: $(STAMP)  ## .venv with the locked packages and the command .venv/bin/marsad

# A Python of 3.11 or newer that is there is used; only where there is none does uv fetch one.
# pip only ever writes into the environment, so a system Python that refuses pip is no obstacle.
# Modules are compiled here, once: where PYTHONDONTWRITEBYTECODE is set, as in many containers, every
# process would do it again, and take twice as long to start.
$(STAMP): requirements.lock pyproject.toml marsad/parse/_native.c marsad/parse/keywords/_native.c \
  marsad/parse/keywords/_reading.c marsad/parse/keywords/_room.h marsad/lake/_titles.c
	@set -euo pipefail; \
	python=""; \
	for p in python3.13 python3.12 python3.11 python3; do \
	  if command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then python=$$(command -v $$p); break; fi; \
	done; \
	uv=$$(command -v uv || true); \
	if [ -n "$$python" ]; then \
	  [ -x $(BIN)/python ] || "$$python" -m venv $(VENV); \
	  if [ -z "$$uv" ]; then \
	    [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	      "$$(sed -nE 's/^(uv==[^ ;]+).*/\1/p' requirements.lock)"; \
	    uv=$(BIN)/uv; \
	  fi; \
	else \
	  if [ -z "$$uv" ]; then \
	    python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv; \
	    uv=.uv/bin/uv; \
	  fi; \
	  [ -x $(BIN)/python ] || "$$uv" venv --quiet --python '>=3.11' $(VENV); \
	fi; \
	"$$uv" pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
	  -r requirements.lock; \
	"$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	$(BIN)/python -m compileall -q marsad flows; \
	$(BIN)/python -c "from marsad.serve.report.bundle import vega_scripts; vega_scripts()"; \
	touch $(STAMP); \
	echo "installed: $(BIN)/marsad"

lock: install  ## requirements.lock anew from pyproject.toml (every platform, hashes, no addresses)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --group dev pyproject.toml -o requirements.lock \
	  --custom-compile-command "make lock"
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url benchmarks/peers/requirements.in -o benchmarks/peers/requirements.lock \
	  --custom-compile-command "make lock"
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url tests/bi/requirements.in -o tests/bi/requirements.lock \
	  --custom-compile-command "make lock"

demo: install  ## a published run over data/sample, an example query, where to look next
	@$(BIN)/marsad demo

test: install  ## the test suite, but for what takes long
	$(BIN)/python -m pytest $(TESTS) -n 2 --dist loadgroup -m "not heavy and not bi"

test-heavy: install  ## kills, full disks, broken and hostile files by the thousand
	$(BIN)/python -m pytest $(TESTS) -n 2 --dist loadgroup -m heavy $(HEAVY)

reliability:  ## the heavy tests, and their figures in docs/reliability.md
	$(MAKE) test-heavy HEAVY=--junitxml=.heavy.xml
	$(BIN)/python benchmarks/reliability.py .heavy.xml docs/reliability.md
	@rm .heavy.xml

# Apache Superset needs other versions than Marsad does: an environment of its own.
test-bi: install .venv-bi/.installed  ## the dashboard of data/bi/superset in a real Superset
	$(BIN)/python -m pytest tests/bi -m bi

.venv-bi/.installed: tests/bi/requirements.lock | install
	[ -x .venv-bi/bin/python ] || $(BIN)/python -m venv .venv-bi
	$(BIN)/uv pip install --quiet --compile-bytecode --python .venv-bi/bin/python --require-hashes -r $<
	touch $@

lint: install  ## ruff, mypy, import-linter, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/sqlfluff lint --disable-progress-bar sql

# A seed of its own each time: what is right is right on pages that nobody has seen.
eval: install  ## every field against the truth: precision, recall, F1, in docs/quality.md
	$(BIN)/marsad eval --output docs/quality.md $(EVAL)

# Some minutes; `make bench BENCH="--pages 105000"` for a gigabyte.
bench: install  ## Marsad beside its peers on the same bytes, in docs/performance.md
	$(BIN)/python benchmarks/bench.py --output docs/performance.md $(BENCH)

# A lake of a million articles is made first, once, in the temporary folder.
bench-serve: install  ## the published file of a million articles, in docs/performance.md
	$(BIN)/python benchmarks/serve.py --output docs/performance.md $(BENCH)

clean:  ## everything that make has built here
	rm -rf $(VENV) .venv-bi .uv .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info warehouse
