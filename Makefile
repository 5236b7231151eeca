# Two commands do everything, set-up included: make demo, make test. The rest is below; `make help` lists it.

SHELL = /bin/sh
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
# udev reads rules from here and from /etc, not from below every PREFIX.
UDEVDIR ?= /usr/lib/udev/rules.d

SWIFT ?= swift
# One configuration for the binary and the tests, so that they share every object file.
BUILD_FLAGS = -c release
TEST_FLAGS = $(BUILD_FLAGS) --disable-testable-imports
RUN_TESTS = Tests/run.sh $(SWIFT) test $(TEST_FLAGS) --parallel
# Tests that compute keep every core busy for a minute; those that talk over sockets would wait past their patience
# beside them. So they run one after the other, each group in parallel.
TALKING = ^(MQTTTests|AgentTests|ChildProcessesTests|CarbonFeedTests)[.]|^RuntimeTests[.]RunnerTests
# Those that hold boards to times or rates have the machine to themselves, or among their like.
ALONE = ^RuntimeTests[.]TransportCuttingTests|^EndToEndTests[.]UpCommandTests
WHOLE = ^EndToEndTests[.]
VIRTUAL = ^TestbedTests[.]
BINARY = .build/release/lamella
STRIPPED = .build/stripped/lamella
NATIVE = .native/lib
GENERATED = .build/generated

SWIFT_FILES = find Sources Tests Package.swift -name '*.swift' -not -name '*.pb.swift' -not -path '*/Generated/*'

.PHONY: help setup build demo test lint format bench man install uninstall clean

help:
	@echo "make demo       set up, build, and run boards on this machine that share a real model"
	@echo "make test       set up, build, and run all tests"
	@echo "make build      the release binary, and a stripped copy at $(STRIPPED)"
	@echo "make lint       check the formatting and the house rules"
	@echo "make format     repair the formatting"
	@echo "make bench      measure against ONNX Runtime, iperf3 and HiGHS; what idle boards and profiles cost"
	@echo "make man        man pages and shell completions, into $(GENERATED)"
	@echo "make install    into PREFIX=$(PREFIX) (DESTDIR is honoured); make uninstall removes it"
	@echo "make setup      only install what is missing"
	@echo "make clean      remove what was built and fetched"

setup:
	@firmware-config/system-packages.sh
	@firmware-config/native-libraries.sh $(NATIVE)
	@command -v $(SWIFT) >/dev/null || { \
	    echo "setup: there is no '$(SWIFT)'; Lamella needs Swift 6, see https://www.swift.org/install/linux/" >&2; exit 1; }

build: setup
	$(SWIFT) build $(BUILD_FLAGS) --product lamella
	@mkdir -p $(dir $(STRIPPED))
	@[ $(STRIPPED) -nt $(BINARY) ] || strip -o $(STRIPPED) $(BINARY)

demo: build
	$(STRIPPED) up

test: man
	$(RUN_TESTS) --skip '$(TALKING)|$(ALONE)|$(WHOLE)|$(VIRTUAL)'
	$(RUN_TESTS) --skip-build --filter '$(TALKING)'
	$(RUN_TESTS) --skip-build --filter '$(ALONE)'
	$(RUN_TESTS) --skip-build --filter '$(WHOLE)' --skip '$(ALONE)'
	$(RUN_TESTS) --skip-build --filter '$(VIRTUAL)'

lint:
	$(SWIFT_FILES) | xargs $(SWIFT) format lint --strict --parallel
	python3 Tests/tidy.py

format:
	$(SWIFT_FILES) | xargs $(SWIFT) format --in-place --parallel

bench: build
	@firmware-config/system-packages.sh iperf3
	Tests/Benchmarks/bench.sh $(STRIPPED) $(GENERATED)

man: build
	@mkdir -p $(GENERATED)
	$(STRIPPED) --experimental-dump-help | python3 docs/man-pages.py $(GENERATED)/man1
	@mkdir -p $(GENERATED)/completions
	@for shell in bash zsh fish; do \
	    $(STRIPPED) --generate-completion-script $$shell >$(GENERATED)/completions/lamella.$$shell || exit 1; done

# Run `make man` as yourself first; this only copies, so that it may run as root.
install:
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR) UDEVDIR=$(UDEVDIR) firmware-config/install.sh install

uninstall:
	@DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR) UDEVDIR=$(UDEVDIR) firmware-config/install.sh uninstall

clean:
	rm -rf .build .native
