# The verbs of the project. CMake does the building (CMakePresets.json); this file only names what people type.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
TEST_JOBS ?= 2

.PHONY: help setup release demo test test-asan test-tsan test-stores bench install format lint clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## install what is missing of packages.txt (as root; else say what is missing)
	@tools/setup.sh build test

release: ## build build/release/flotsam
	@tools/setup.sh build
	@$(call build,release,)

demo: release ## build, then replay the incident on a folder and an SQLite database
	@demo/run.sh build/release/flotsam

test: ## set up, build, and run the whole suite with real servers
	@tools/setup.sh build test
	@$(call build,debug,)
	@ctest --preset debug -j $(TEST_JOBS)

test-asan: ## the suite under the address and undefined behaviour sanitizers
	@tools/setup.sh build test
	@$(call build,asan,)
	@ctest --preset asan -j $(TEST_JOBS)

test-tsan: ## the suite under the thread sanitizer
	@tools/setup.sh build test
	@$(call build,tsan,)
	@ctest --preset tsan -j $(TEST_JOBS)

test-stores: ## the store contract against versitygw, MinIO and moto, where their tools are at hand
	@tools/setup.sh build test
	@$(call build,debug,flotsam_store_tests)
	@tests/servers/test_stores.sh build/debug/tests/flotsam_store_tests

bench: ## benchmarks with known truth; see docs/benchmarks.md
	@tools/setup.sh build bench
	@$(call build,bench,)
	@bench/run.sh build/bench

install: release ## install the program and its manual (PREFIX, DESTDIR)
	@DESTDIR="$(DESTDIR)" cmake --install build/release $(if $(PREFIX),--prefix "$(PREFIX)")

format: ## clang-format 19 over the sources
	@git ls-files 'src/*.h' 'src/*.cpp' 'tests/*.h' 'tests/*.cpp' 'bench/*.h' 'bench/*.cpp' | xargs clang-format-19 -i

lint: ## clang-tidy 19 over src/
	@$(call build,debug,)
	@git ls-files 'src/*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy-19 -p build/debug --quiet

clean: ## remove build/
	@rm -rf build

# $(call build,PRESET,TARGETS): configures once, then builds; quiet when there is nothing to do.
define build
{ [ -f build/$(1)/build.ninja ] || cmake --preset $(1) >build.$(1).log 2>&1 || { cat build.$(1).log; exit 1; }; } && \
rm -f build.$(1).log && cmake --build --preset $(1) -j $(JOBS) $(if $(2),--target $(2))
endef
