# The two commands are `make up` and `make test`; `make help` names the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Tools that import our plugins find them as Ansible does.
export MYPYPATH := .collections
EXTRA ?=

.PHONY: help setup up down test lint unit api stack adoption postgres drift processes benchmark lock pictures

help: ## Name every target
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(VENV)/.complete .collections/ansible_collections/mlops/tracking ## Virtual environment with pinned packages

# A virtual environment that was not completed is made anew; pip need not resolve what is pinned.
$(VENV)/.complete: requirements.txt
	@.ci/virtual-environment "$(PYTHON)" "$(VENV)"

.collections/ansible_collections/mlops/tracking:
	@mkdir -p $(@D) && ln -sfn ../../.. $@

up: setup ## Local cluster and the whole tracking stack, proved by a training Job
	ansible-playbook playbooks/local_cluster.yml $(EXTRA)
	ansible-playbook site.yml $(EXTRA)

down: setup ## Remove the local cluster and nothing else
	ansible-playbook playbooks/local_cluster_absent.yml $(EXTRA)

test: setup ## Every test there is
	@.ci/stages --beside api,processes lint unit stack adoption postgres drift

lint unit processes api stack adoption postgres drift: setup ## One stage of the tests
	@.ci/stages $@

benchmark: setup ## Measure side by side, and write docs/benchmarks.md
	PYTHONPATH=.collections:tests/migration python tests/benchmarks/run.py $(SUBJECTS)

pictures: setup ## Take the README's screenshots from the running stack
	pip install --quiet --disable-pip-version-check -r docs/pictures/requirements.txt
	PYTHONPATH=.collections python docs/pictures/take.py
	PYTHONPATH=.collections python docs/pictures/draw.py

lock: setup ## Pin again what requirements.in asks for
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)"; exit 2; }
	uv pip compile -q --upgrade --no-header --python-version 3.11 requirements.in -o requirements.txt
