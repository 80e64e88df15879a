# Every target sets up what it needs; a second run costs nothing. PYTHON=... names the interpreter, ARGS=... goes on.
VENV ?= .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ammeter
CODE := ammeter schemas sources streams sinks grafana tests bench scripts

# What was compiled and rewritten is kept: a second run of the tests begins in a third of the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint bench bench-detect chaos images jars jars-mvn lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## the virtual environment in .venv, from the lock

$(READY): requirements.txt pyproject.toml scripts/setup
	@scripts/setup $(VENV)
	@touch $@

demo: $(READY)  ## a simulated organisation, live on boards in the browser (ARGS="--for 90 --no-browser")
	@$(RUN)/ammeter demo $(ARGS)

test: $(READY) lint  ## every check that this machine can run; says what it skips and why
	@$(RUN)/python -m pytest -ra $(ARGS)

check: $(READY) lint  ## the daily loop: format, lint, types, tests without broker, browser and store
	@$(RUN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-profile=daily \
	  -m "not broker and not browser and not slow" $(ARGS)

lint: $(READY)  ## format, lint and types alone
	@$(RUN)/ruff format --check --quiet $(CODE)
	@$(RUN)/ruff check --quiet $(CODE)
	@$(RUN)/mypy
	@$(RUN)/mypy scripts/jars.py

bench: $(READY)  ## throughput and delay, as a table and as JSON under bench/results
	@$(RUN)/python -m bench $(ARGS)

bench-detect: $(READY)  ## detection on simulated organisations: false alarms and delays, into docs/detection.md
	@$(RUN)/python -m bench.detect $(ARGS)

chaos: $(READY)  ## kills, zombies and broker failures, with every figure recomputed afterwards
	@$(RUN)/python -m bench.chaos $(ARGS)

images: $(READY)  ## the pictures of README and docs, from simulated boards in Chromium
	@$(RUN)/python -m bench.images

jars: $(READY)  ## Kafka's jars into the user's cache, checked
	@$(RUN)/python scripts/jars.py "$(CACHE)"

jars-mvn: $(READY)  ## the same through Maven and its settings
	@mvn -q -B -f scripts/kafka.pom.xml dependency:copy-dependencies -DoutputDirectory="$(CACHE)/from-maven"
	@$(RUN)/python scripts/jars.py "$(CACHE)" "$(CACHE)/from-maven"
	@rm -rf "$(CACHE)/from-maven"

lock: $(READY)  ## the lock file anew, for what pyproject.toml asks (ARGS=--upgrade takes newer versions)
	@$(RUN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	  --output-file requirements.txt $(ARGS) pyproject.toml requirements.in

clean:  ## everything that was made here, but not the user's cache
	@rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
