# make demo    installs what is missing, builds, and runs the tutorial on real containers
# make test    every test, in throw-away network namespaces
# The rest: deps, build, install PREFIX=…, check (what CI runs), test-cgroup-v2, reference, fuzz, bench, images, clean.

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Namespaces, mounts and containers need root; building does not.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -E env "PATH=$(PATH)")
RELEASE := .build/release
INSTALLED := $(CURDIR)/.build/installed
PLUGINS := network-routed storage-overlay link-legacy
SWIFT_DIRECTORIES := Package.swift Sources Plugins Tests
CHECKED_BUILD := swift build --build-tests --explicit-target-dependency-import-check error

.PHONY: deps build install check test test-cgroup-v2 reference fuzz images demo bench clean

deps:
	Tests/install-packages

build:
	swift build -c release --static-swift-stdlib

install: build
	install -s -D -m 0755 $(RELEASE)/kenterd $(DESTDIR)$(PREFIX)/bin/kenterd
	install -s -D -m 0755 $(RELEASE)/kenter $(DESTDIR)$(PREFIX)/bin/kenter
	install -s -D -m 0755 $(RELEASE)/kenter-runtime $(DESTDIR)$(PREFIX)/libexec/kenter/kenter-runtime
	install -s -D -m 0755 $(RELEASE)/kenter-yaml $(DESTDIR)$(PREFIX)/libexec/kenter/kenter-yaml
	install -s -D -m 0755 $(RELEASE)/kenter-copy $(DESTDIR)$(PREFIX)/libexec/kenter/kenter-copy
	for plugin in $(PLUGINS); do \
	    install -s -D -m 0755 $(RELEASE)/$$plugin $(DESTDIR)$(PREFIX)/libexec/kenter/plugins/$$plugin; \
	done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' docs/kenterd.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/kenterd.service

check:
	swift format lint --strict --parallel --recursive $(SWIFT_DIRECTORIES)
	Tests/check-imports
	Tests/check-security
	Tests/collect-documentation --check
	$(CHECKED_BUILD)
	.build/debug/kenter-reference --check docs
	Tests/check-documents
	$(MAKE) test
	$(MAKE) test-cgroup-v2

# One test after another: many start engines and containers, and two cores do not bear a hundred of them at once.
# The images come from the package sources of this host, so they are made before the network goes away.
test: images
	$(CHECKED_BUILD)
	$(AS_ROOT) Tests/run $(if $(FILTER),--filter '$(FILTER)')

# What depends on the cgroup tree, on version 2 of it, when this host has another.
test-cgroup-v2:
	$(CHECKED_BUILD)
	$(AS_ROOT) Tests/run-cgroup-v2

# What is made from the wire's types: the documents of the API, and docs/reference from them.
reference:
	Tests/collect-documentation
	swift build --product kenter-reference
	.build/debug/kenter-reference docs
	Tests/check-documents

# Random input for whatever reads bytes of strangers; FUZZ_SECONDS=600 looks longer.
fuzz:
	Tests/fuzz $(FUZZ_SECONDS)

images:
	for image in busybox bb-vol mysql wordpress; do $(AS_ROOT) Tests/Fixtures/images/build $$image; done

# Both use what a user would: an installation, which they make inside the checkout.
demo: deps
	$(MAKE) install PREFIX=$(INSTALLED) DESTDIR=
	$(AS_ROOT) Tests/demo $(INSTALLED)

bench:
	$(MAKE) install PREFIX=$(INSTALLED) DESTDIR=
	$(AS_ROOT) Benchmarks/run $(INSTALLED)

clean:
	swift package clean
