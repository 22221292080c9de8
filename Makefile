# make demo    installs what is missing, builds, and runs the tutorial on real containers
# make test    every test, in throw-away network namespaces
# The rest: deps, build, install PREFIX=…, check (what CI runs), bench, images, clean.

PREFIX ?= /usr/local
DESTDIR ?=
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Namespaces, mounts and containers need root; building does not.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -E env "PATH=$(PATH)")
RELEASE := .build/release
INSTALLED := $(CURDIR)/.build/installed
PLUGINS := network-routed storage-overlay link-legacy
SWIFT_DIRECTORIES := Package.swift Sources Plugins Tests
CHECKED_BUILD := swift build --build-tests --explicit-target-dependency-import-check error

.PHONY: deps build install check test images demo bench clean

deps:
	Tests/install-packages

build:
	swift build -c release --static-swift-stdlib

install: build
	install -D -m 0755 $(RELEASE)/kenterd $(DESTDIR)$(PREFIX)/bin/kenterd
	install -D -m 0755 $(RELEASE)/kenter $(DESTDIR)$(PREFIX)/bin/kenter
	install -D -m 0755 $(RELEASE)/kenter-runtime $(DESTDIR)$(PREFIX)/libexec/kenter/kenter-runtime
	for plugin in $(PLUGINS); do \
	    install -D -m 0755 $(RELEASE)/$$plugin $(DESTDIR)$(PREFIX)/libexec/kenter/plugins/$$plugin; \
	done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' docs/kenterd.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/kenterd.service

check:
	swift format lint --strict --parallel --recursive $(SWIFT_DIRECTORIES)
	Tests/check-imports
	$(CHECKED_BUILD)
	$(MAKE) test

# One test after another: many start engines and containers, and two cores do not bear a hundred of them at once.
# The images come from the package sources of this host, so they are made before the network goes away.
test: images
	$(CHECKED_BUILD)
	$(AS_ROOT) unshare --net sh -c 'ip link set lo up && exec swift test --skip-build --no-parallel $(if $(FILTER),--filter $(FILTER))'

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
