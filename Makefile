# make run    the program: `serve` where a .env is there, else the sandbox
# make test   all tests, with Dovecot and PostgreSQL
# make lint   what CI checks before the tests
# make bench  what it does a second and what it takes, beside its limits and its peers, in quick; each of benchmarks/ alone is thorough
# make crash  the program killed at every step some four hundred times, and everything counted (a sample is among the tests)
# make pictures  README's pictures of the digest, with Chromium
# make fuzz   ten minutes of inputs that look for what breaks a parser (MINUTES=1 for less)
# make learn  what the second reader knows, learned anew from learning/ and the tests' messages (half a minute)
# make lock   newest versions into the lock files, from which everything is installed

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A stamp is newer than its lock file as long as the environment holds what the lock file says.
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# apt says a lot; only where it fails is it worth reading.
apt_install = echo "Installing $(1) ..."; log=$$(mktemp); \
	if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(1); } >"$$log" 2>&1 </dev/null; \
	then rm -f "$$log"; else cat "$$log" >&2; rm -f "$$log"; false; fi
can_apt = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes

.DELETE_ON_ERROR:
.PHONY: run test lint bench crash fuzz learn lock pictures dovecot

run: $(RUN_STAMP)
	@if [ -f .env ]; then exec $(BIN)/python run.py serve; else exec $(BIN)/python run.py sandbox; fi

test: $(DEV_STAMP) dovecot
	@$(BIN)/pytest

lint: $(DEV_STAMP)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(DEV_STAMP) dovecot
	@for each in webhook mailbox sending flat start; do $(BIN)/python -m benchmarks.$$each --quick || exit 1; done
	@for each in reading digest "load --seconds 10"; do $(BIN)/python -m benchmarks.$$each || exit 1; done

crash: $(DEV_STAMP) dovecot
	@$(BIN)/python -m tests.crash

pictures: $(RUN_STAMP)
	@$(BIN)/python -m docs.pictures

MINUTES ?= 10
# In a folder of its own, since the tests do without it.
fuzz: $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target .fuzz/packages --group fuzz
	@PYTHONPATH=.fuzz/packages $(BIN)/python -m tests.fuzz.guided -max_total_time=$$(($(MINUTES) * 60)) -verbosity=0
	@! ls .fuzz/found | grep .

learn: $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target .learn/packages --group learn
	@PYTHONPATH=.learn/packages $(BIN)/python -m learning.train

lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra postgres --upgrade -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra postgres --group dev --constraint requirements.lock -o requirements-dev.lock pyproject.toml

$(BIN)/uv: $(DEV_STAMP)

$(RUN_STAMP): requirements.lock | $(BIN)/python
	@echo "Installing packages ..."
	@$(INSTALL) -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock | $(BIN)/python
	@echo "Installing packages ..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

# Debian's python3 comes without ensurepip, which a virtual environment needs.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; make PYTHON=/path/to/python3.11 takes another one." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || if $(can_apt); then $(call apt_install,python3-venv); else \
	    echo "Python's venv module is missing. On Debian, as root: apt-get install python3-venv" >&2; exit 1; fi
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)

# The tests start a server of their own, so the one that Debian starts after the installation is switched off again.
dovecot:
	@PATH="$$PATH:/usr/sbin"; if command -v dovecot >/dev/null && command -v openssl >/dev/null && command -v curl >/dev/null; then exit 0; fi; \
	if $(can_apt); then \
	    { $(call apt_install,dovecot-imapd openssl curl); } || echo "Dovecot could not be installed; without it its tests are skipped, or in CI fail." >&2; \
	    if [ -d /run/systemd/system ]; then systemctl disable --now --quiet dovecot.service dovecot.socket 2>/dev/null || true; fi; \
	else \
	    echo "Tests against Dovecot are skipped until it is installed. On Debian, as root: apt-get install dovecot-imapd" >&2; \
	fi
