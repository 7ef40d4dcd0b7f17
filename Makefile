# SafeKit.Net: what each target does is in README.md.
CONFIGURATION ?= Release
DOTNET := dotnet
export CONFIGURATION
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: all setup ebpf build artifacts run test torture torture-farm simulate bench-farm bench-mirror format clean

all: artifacts

setup:
	@tools/setup.sh

ebpf: setup
	@$(MAKE) --no-print-directory -C ebpf

build: ebpf
	$(DOTNET) build SafeKit.Net.sln -c $(CONFIGURATION) -v quiet

artifacts: build
	$(DOTNET) publish src/Daemon -c $(CONFIGURATION) -o artifacts -v quiet
	$(DOTNET) publish src/Cli -c $(CONFIGURATION) -o artifacts -v quiet
	$(DOTNET) publish tools/Lab -c $(CONFIGURATION) --no-build -o artifacts/lab -v quiet

# The cluster lab: a farm, or with MIRROR=1 a mirror; TOUR=1 plays the whole story without a terminal.
run: artifacts
	@artifacts/lab/safekit-lab $(if $(MIRROR),mirror) $(if $(TOUR),tour,run)

test: artifacts
	@tools/test.sh

# Nodes of a mirror crash at random moments under load, the primary CRASHES times and the secondary as often; SEED=n repeats the moments.
# artifacts/torture.log shows how far it is.
torture: artifacts
	@SAFEKIT_CRASHES=$(or $(CRASHES),300) SAFEKIT_SEED=$(SEED) SAFEKIT_CRASH_LOG=$(CURDIR)/artifacts/torture.log \
		$(DOTNET) test tests/System.Tests -c $(CONFIGURATION) --no-build --nologo \
		--filter FullyQualifiedName~Mirror.CrashTests --logger "console;verbosity=detailed"

# A farm at default settings without processors for MINUTES: false failovers and packets answered twice, both to be 0. Stops everything
# else on this machine meanwhile.
torture-farm: artifacts
	@MINUTES=$(or $(MINUTES),30) $(DOTNET) run --no-build -c $(CONFIGURATION) --project tools/Bench -- \
		--json artifacts/torture-farm.json starvation

# SEED=n repeats one simulated run with its log; without it, SEEDS=n runs are tried. MIRROR=1: of mirrors, else of farms.
simulate: build
	@$(DOTNET) run --no-build -c $(CONFIGURATION) --project tests/Simulation -- $(if $(MIRROR),--mirror) \
		$(if $(SEED),$(SEED),--seeds $(or $(SEEDS),2000))

# The figures of docs/benchmarks.md; QUICK=1 from fewer repeats, SUITES="packets farm ..." only some. Only by name, since they take minutes
# and gigabytes: views (128 nodes with 64 groups) and million (as many connections).
bench-farm: artifacts
	@QUICK=$(QUICK) $(DOTNET) run --no-build -c $(CONFIGURATION) --project tools/Bench -- --json artifacts/bench-farm.json \
		$(or $(SUITES),packets convergence farm restarts connections flood keepalived)

# The mirror beside a plain directory and GlusterFS; ROWS="pgbench buffered" only rows with such names, VARIANTS="native second/sync
# second/sync@FOLDER second/sync+uring" only these ways, in this order, FOLDER being another build. Without its package
# (one that Debian's mirror lacks, say) GlusterFS is left out.
bench-mirror: artifacts
	-@tools/setup.sh glusterfs-server
	@QUICK=$(QUICK) $(DOTNET) run --no-build -c $(CONFIGURATION) --project tools/Bench -- --json artifacts/bench-mirror.json \
		$(or $(SUITES),mirror failover reintegration link)

format:
	$(DOTNET) format SafeKit.Net.sln

clean:
	rm -rf artifacts
	$(MAKE) -C ebpf clean
	$(DOTNET) clean SafeKit.Net.sln -v quiet
