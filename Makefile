# SafeKit.Net: what each target does is in README.md.
CONFIGURATION ?= Release
DOTNET := dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: all setup ebpf build artifacts clean

all: artifacts

setup:
	@tools/setup.sh

ebpf: setup
	@$(MAKE) --no-print-directory -C ebpf

build: ebpf
	$(DOTNET) build SafeKit.Net.sln -c $(CONFIGURATION) -v quiet

artifacts: build
	$(DOTNET) publish src/Daemon -c $(CONFIGURATION) --no-build -o artifacts -v quiet
	$(DOTNET) publish src/Cli -c $(CONFIGURATION) --no-build -o artifacts -v quiet

clean:
	rm -rf artifacts
	$(MAKE) -C ebpf clean
	$(DOTNET) clean SafeKit.Net.sln -v quiet
