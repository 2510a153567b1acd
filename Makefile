# Two commands are enough: `make up` and `make test`.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin
WORKERS ?= 3

# One measurement: its module, what it measures, and its short form. Below its goal it says so, and the next one runs.
define measure
@printf '\n== %s: %s\n' "$(1)" "$(2)"
-@$(RUN)/python -m bench.$(1) $(if $(QUICK),$(3))
endef

.DEFAULT_GOAL := help
.PHONY: help install install-dev up test lint faults fuzz bench security lock clean

help:            ## What can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kindroom needs Python 3.11 or later (PYTHON=... chooses one)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock tools/launcher.sh | $(VENV)/bin/python
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	install -m 755 tools/launcher.sh $(RUN)/kindroom
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

install: $(VENV)/.installed          ## Create .venv from the hash-checked lock and write .venv/bin/kindroom
install-dev: $(VENV)/.installed-dev  ## The same with the test tools

up: install      ## Start the whole clinic on embedded engines, in the foreground
	@exec $(RUN)/kindroom up --ready-file .kindroom/ready.json

test: install-dev lint  ## Everything that is checked: lint, types, import contracts, tests. ONCE=1: no second try
	@PYTHON_VENV=$(VENV) sh tools/ensure_browser.sh
	@sh tools/ensure_compose.sh
	@sh tools/ensure_faketime.sh
	@# Files in their order: a long file with few tests is not left for the end, when one worker would wait for it.
	$(RUN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=40 --durations-min=3 \
	|| { [ $$? -eq 1 ] && [ -z "$(ONCE)" ] && echo "What failed is tried once more, alone (docs/decisions/0021):" \
	&& $(RUN)/python -m pytest -x --last-failed --last-failed-no-failures none; }

lint: install-dev  ## ruff, mypy --strict, import contracts
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: install-dev $(VENV)/.installed-bench  ## Every measurement into bench/results, well over an hour. QUICK=1: fifteen minutes, nothing is kept
	$(call measure,post_message,durable posts a second and CPU beside a bare floor (5 min),--quick)
	$(call measure,peers,the same beside ejabberd and matrix-synapse; history; a second device (5 min),--quick)
	$(call measure,media,100 MB of video in and out through a front process: MB/s and peak memory (1 min),--quick)
	$(call measure,streams,a thousand live streams in one process (3 min),--streams 200 --seconds 5)
	$(call measure,client_month,Temporal actions and history of a client by workflow on skipped time (2 min),--quick)
	$(call measure,temporal_actions,the same per exchange in real time on the embedded stack (3 min),--quick)
	$(call measure,timers,timers of Kindroom beside a poller and DBOS: armed; cancelled; late; killed (10 min),--quick)
	$(call measure,clocks_at_once,2 000 clocks due in the same instant beside a bare timer (10 min),--clocks 200)
	$(call measure,reprojection,due times a second; 10 000 running clocks moved after a change of policy (5 min),--clocks 1000 --rounds 1)
	$(call measure,board,the supervisors' board over 100 000 open rooms (5 min),--rooms 5000 --repeats 3)
	$(call measure,matching,1 000 clients x 10 000 therapists matched; a waiting list assigned at once (2 min),--quick)
	$(call measure,figures,figures over 100 000 clocks and a back-test (5 min),--clocks 10000 --rounds 1)
	$(call measure,search,words looked for in 10 000 and 50 000 sealed messages (2 min),--quick)
	$(call measure,eligibility,one eligibility round trip against the sandbox; 50 at once (2 min),--quick)
	$(call measure,x12_read,271s read into typed benefits beside x12sdk (1 min),--quick)
	$(call measure,room_open,a room of 50 000 messages in Chromium: opened and paged both ways (3 min),--quick)

faults: install-dev  ## The long fault runs (about half an hour): kills, pauses, wrong clocks. KINDROOM_SEED=n repeats one
	@sh tools/ensure_faketime.sh
	KINDROOM_FAULTS=long $(RUN)/python -m pytest tests/faults -s -v

fuzz: install-dev  ## The X12 readers, ours and the sandbox's, on damaged and made-up files for five minutes. FUZZ=n seconds
	KINDROOM_FUZZ=$(or $(FUZZ),300) $(RUN)/python -m pytest -s tests/x12/test_fuzz.py tests/sandbox/test_fuzz.py

security: install-dev  ## What people type is nowhere to be read: the canary and the doors, on a real stack
	$(RUN)/python -m pytest tests/security tests/api tests/encryption tests/kindroom/test_temporal.py

lock:            ## Rewrite the locks (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 -c requirements.lock -o requirements-dev.lock
	uv pip compile pyproject.toml --group bench --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 -c requirements-dev.lock -o requirements-bench.lock

clean:           ## Remove the environment and caches (data in .kindroom stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
