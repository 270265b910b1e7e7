# The commands for working on faild; `make` alone lists them. What they run is in .build, the reasons in docs/BUILD.md.

PREFIX ?= /usr/local
DESTDIR ?=
# The worlds that `make soak` simulates.
FAILD_FIRST_SEED ?= 1
FAILD_SEEDS ?= 10000

SHELL := /bin/bash
.SHELLFLAGS := -e -u -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SBIN := $(DESTDIR)$(PREFIX)/sbin
DOC := $(DESTDIR)$(PREFIX)/share/doc/faild
LAB := .build/lab.sh .build/deno run --quiet --frozen --cached-only --allow-all

SOURCES := $(shell find main.ts deno.json deno.lock lib .build -type f)

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1 \2/p' Makefile | \
		while read -r make name text; do printf '%s %-10s %s\n' "$$make" "$$name" "$$text"; done

.PHONY: build
build: dist/faild ## make the program, dist/faild (DENORT_BIN=FILE names the Deno runtime to use)

# Made anew when the settings that go into it change, too.
dist/.work/settings: .FORCE
	@mkdir -p dist/.work
	@printf '%s\n' "$${DENORT_BIN-}" "$${V8_FLAGS-unset}" | cmp -s - $@ || printf '%s\n' "$${DENORT_BIN-}" "$${V8_FLAGS-unset}" > $@

dist/faild: $(SOURCES) dist/.work/settings
	@.build/build.sh $@

.PHONY: test
test: packages dist/faild ## check everything and run every test, those on test hosts included
	@.build/test.sh

.PHONY: check
check: ## check form, lint and types only
	@.build/test.sh --check

.PHONY: demo
demo: packages dist/faild ## two hosts, two LANs, a cable pulled: watch it
	@$(LAB) tests/netns/demo.ts

.PHONY: bench
bench: packages dist/faild ## measure detection, loss, CPU and memory, beside BIRD where it is installed (ONLY="cut loss")
	@$(LAB) tests/netns/bench.ts $(ONLY)

.PHONY: soak
soak: ## simulate many more worlds than `make test` does (FAILD_FIRST_SEED=1 FAILD_SEEDS=10000)
	@.build/deno run --quiet --frozen --cached-only --no-prompt tests/sim/run.ts \
		--from "$(FAILD_FIRST_SEED)" --count "$(FAILD_SEEDS)"

.PHONY: install
install: dist/faild ## copy the program to $(DESTDIR)$(PREFIX)/sbin; /etc is not touched
	@install -d "$(SBIN)" "$(DOC)"
	@install -m 755 dist/faild "$(SBIN)/faild"
	@install -m 644 config.example.yaml "$(DOC)/config.example.yaml"
	@echo "Installed $(SBIN)/faild and $(DOC)/config.example.yaml"

.PHONY: uninstall
uninstall: ## remove what install copied
	@rm -f "$(SBIN)/faild" "$(DOC)/config.example.yaml"
	@rmdir "$(DOC)" 2>/dev/null || true
	@echo "Removed $(SBIN)/faild and $(DOC)/config.example.yaml"

.PHONY: dist
dist: dist/faild ## pack releases for x86_64 and aarch64 into dist (DENORT_BIN_AARCH64=FILE)
	@.build/dist.sh

.PHONY: fmt
fmt: ## put everything into form
	@.build/deno fmt --quiet main.ts deno.json lib tests .build

.PHONY: lock
lock: ## renew deno.lock after a change of the imports in deno.json
	@.build/lock.sh

.PHONY: clean
clean: ## remove what was made (the fetched toolchain stays: delete .toolchain by hand)
	@rm -rf dist

.PHONY: packages
packages:
	@.build/packages.sh

.PHONY: .FORCE
.FORCE:
