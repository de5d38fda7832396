PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra postgres --upgrade -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra postgres --group dev --constraint requirements.lock -o requirements-dev.lock pyproject.toml
