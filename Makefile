# SPDX-License-Identifier: GPL-2.0-only
# Drain, error mode and reset for the kernel's RDMA core: what one can do here.
# Variables: CONFIG=fast|debug|distro, STOCK=1, BASE=<kernel tarball or tree>,
# KVER=<release of a distribution's kernel>.

export CONFIG STOCK BASE ORDER TIMEOUT CPUS MEM VERBOSE KVER DESTDIR SIGN_KEY SIGN_CERT VERSION

.DEFAULT_GOAL := help
.PHONY: demo check check-full kunit guest-test host-test bench shell guest kernel
.PHONY: modules install uninstall deb series check-series deps clean help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  CONFIG=fast|debug  which kernel     STOCK=1  the same without our series"
	@echo "  BASE=FILE|DIR      another kernel source than Debian's linux-source-6.12"
	@echo "  KVER=RELEASE       which of Debian's kernels (default: the running one)"

demo: deps ## build, boot a guest, run real traffic and show what the project does
	@scripts/demo

check: deps ## run every test; the last line is the verdict
	@scripts/check

check-full: deps ## check, and what takes too long for it (soaks, whole matrices)
	@scripts/check --full

kunit: deps ## run the KUnit suites [SUITE=name] [STOCK=1]
	@scripts/run-kunit $(SUITE)

guest-test: deps ## run the tests in a guest [TEST=name] [CONFIG=] [STOCK=1]
	@scripts/run-guest-tests $(TEST)

host-test: deps ## run the tests of the scripts themselves [TEST=name]
	@scripts/run-host-tests $(TEST)

bench: deps ## measure drains and resets, stock and ours side by side
	@tests/bench/run
	@tests/bench/reset/run

shell: deps ## an interactive guest with rxe0 and siw0 up [ORDER=uverbs|cma]
	@scripts/guest --shell

guest: deps ## run CMD='...' in a guest; fails as it fails (make says Error N)
	@scripts/guest '$(subst ','\'',$(value CMD))'

kernel: deps ## compose and build the kernel
	@scripts/build-kernel

modules: ## build the module set for Debian's own kernel [KVER=release]
	@scripts/deps --modules
	@scripts/build-modules

install: ## install it beside the kernel's own modules [KVER=] [DESTDIR=]
	@scripts/install-modules

uninstall: ## remove it again [KVER=] [DESTDIR=]
	@scripts/install-modules --remove

deb: ## make its Debian package, for DKMS, in build/
	@scripts/build-deb

series: deps ## write the mailable patches to build/series
	@scripts/series

check-series: deps ## prove the series: git am, a build per patch, checkpatch, sparse...
	@scripts/check-series

deps: ## install the Debian packages that are missing
	@scripts/deps

clean: ## remove build/ (the cache outside of the tree stays)
	rm -rf build
