#!/usr/bin/env bash
# Runs every test project one after the other (they share the machine's two cores and its network namespaces), checks the
# formatting, and ends with one line that adds everything up: `N passed, N failed, N skipped`.
set -u
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0

if dotnet format SafeKit.Net.sln --verify-no-changes --no-restore; then
  passed=$((passed + 1))
else
  echo "FAILED: dotnet format --verify-no-changes (mend it with: make format)"
  failed=$((failed + 1))
fi

for project in Core Membership Modules Mirror Filter Daemon System; do
  echo "== $project"
  # A test that hangs fails here by itself, before anything outside gives up on the whole run.
  timeout --kill-after=20 2400 dotnet test "tests/$project.Tests" -c "$configuration" --no-build --nologo \
    --logger "console;verbosity=minimal" --logger "trx;LogFileName=$project.trx" --results-directory "$results" \
    --blame-hang-timeout 15m --blame-hang-dump-type none
  status=$?
  trx="$results/$project.trx"
  if [ ! -f "$trx" ]; then
    echo "FAILED: $project ended with status $status and left no results"
    failed=$((failed + 1))
    continue
  fi
  counters=$(grep -o '<Counters [^>]*>' "$trx")
  value() { echo "$counters" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }
  total=$(value total) executed=$(value executed) ok=$(value passed)
  passed=$((passed + ok))
  skipped=$((skipped + total - executed))
  failed=$((failed + executed - ok))
  # A runner that broke down after its tests passed must not look like success.
  if [ "$status" -ne 0 ] && [ "$executed" -eq "$ok" ]; then
    echo "FAILED: $project ended with status $status"
    failed=$((failed + 1))
  fi
  tr '>' '>\n' < "$trx" | grep -A3 'outcome="NotExecuted"' | grep -o 'testName="[^"]*"' | sed 's/^/skipped: /' || true
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
