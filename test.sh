#!/usr/bin/env bash
# Builds everything, checks the format, runs the tests. From a fresh clone it needs the .NET SDK and nothing else.
#   ./test.sh          all tests but those of category Long
#   ./test.sh --long   all tests
#   ./test.sh --faults the fault suite in full (kills, damage, Redis away, overload, slow callers, mutated requests, reloads); takes about an hour
#                      and, where every test has passed, writes bench/Quality/results/faults.md
# The last line is always "N passed, N failed, N skipped"; a step that fails counts as a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

passed=0 failed=0 skipped=0
results=$(mktemp -d)
finish() {
    rm -rf "$results"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
    exit
}
step() { printf '\n== %s\n' "$1"; }
broken() { printf 'FAILED: %s\n' "$1"; failed=$((failed + 1)); }

filter=(--filter-not-trait Category=Long)
case "${1:-}" in
    '') ;;
    --long) filter=() ;;
    --faults)
        filter=(--filter-trait Suite=Faults)
        export UEQ_FAULTS_ROWS=$results/faults.rows
        ;;
    *) broken "unknown option '$1'; expected --long, --faults or nothing"; finish ;;
esac

step 'SDK'
if ! command -v dotnet > /dev/null; then
    broken 'the dotnet command is not there; install the .NET SDK 10.0.100 or newer: https://dotnet.microsoft.com/download'
    finish
fi
# global.json asks for 10.0.100 or a newer 10.0; dotnet itself says when there is none.
dotnet --version || { broken 'no .NET SDK 10.0.100 or newer of the 10.0 line is installed: https://dotnet.microsoft.com/download'; finish; }

# LightGBM's native library is linked against OpenMP's runtime.
# grep reads to the end: with -q it may stop early and pipefail would take ldconfig's broken pipe for a no.
has_gomp() { { ldconfig -p || /sbin/ldconfig -p; } 2> /dev/null | grep 'libgomp\.so\.1' > /dev/null || [ -n "$(find /usr/lib /usr/lib64 -maxdepth 2 -name libgomp.so.1 2> /dev/null)" ]; }
if [ "$(uname -s)" = Linux ] && ! has_gomp; then
    step 'libgomp1, which LightGBM needs'
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libgomp1)
    if ! command -v apt-get > /dev/null; then
        echo 'libgomp.so.1 is missing and there is no apt-get: install the OpenMP runtime of GCC yourself; tests with LightGBM will fail without it.'
    elif ! { "${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; }; }; then
        echo 'libgomp.so.1 is missing and could not be installed (root or password-less sudo needed): run apt-get install libgomp1; tests with LightGBM will fail without it.'
    fi
fi

# Some tests run a PostgreSQL server and a Redis of their own, and Prometheus' promtool; without them they are skipped, and it is said here.
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
has_postgres() { command -v initdb > /dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null; }
if ! has_postgres; then
    step 'PostgreSQL, which tests of the store run'
    # No server of the system's own is made or started: the tests start theirs in a folder of their own.
    if command -v apt-get > /dev/null; then
        policy=/usr/sbin/policy-rc.d made=
        if [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' | ${as_root[@]+"${as_root[@]}"} tee "$policy" > /dev/null 2>&1; then
            made=yes
            ${as_root[@]+"${as_root[@]}"} chmod 755 "$policy"
        fi
        ${as_root[@]+"${as_root[@]}"} mkdir -p /etc/postgresql-common/createcluster.d &&
            echo 'create_main_cluster = false' | ${as_root[@]+"${as_root[@]}"} tee /etc/postgresql-common/createcluster.d/ueq-tests.conf > /dev/null
        install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql)
        "${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; } || true
        [ -z "$made" ] || ${as_root[@]+"${as_root[@]}"} rm -f "$policy"
    fi
    has_postgres || echo 'PostgreSQL is not there and could not be installed (apt-get and root or password-less sudo needed): tests with it will be skipped.'
fi

# The server's program without its service: Debian's redis-server is a link to what redis-tools brings.
has_redis() { command -v redis-server > /dev/null || command -v redis-check-rdb > /dev/null; }
if ! has_redis; then
    step 'Redis, which tests of the cache run'
    if command -v apt-get > /dev/null; then
        install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-tools)
        "${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; } || true
    fi
    has_redis || echo 'redis-server is not there and could not be installed (apt-get and root or password-less sudo needed): tests with it will be skipped.'
fi

# Unpacked into the user's cache, not installed: these packages would start a service.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ueq
unpack() { # folder, packages…
    local folder=$cache/$1 package
    shift
    mkdir -p "$folder" && cd "$folder" || return 1
    for package in "$@"; do
        apt-get download "$package" && dpkg -x "$package"_*.deb . && rm -f "$package"_*.deb || return 1
    done
}
bring() { # program, its path when unpacked, what for, folder, packages…
    local program=$1 path=$cache/$4/$2 what=$3
    shift 3
    if command -v "$program" > /dev/null || [ -x "/usr/sbin/$program" ] || [ -x "$path" ]; then return; fi
    step "$program, which $what run"
    if ! command -v apt-get > /dev/null || ! { (unpack "$@") || { ${as_root[@]+"${as_root[@]}"} apt-get update && (unpack "$@"); }; }; then
        echo "$program is not there and could not be fetched (Debian's package $1 has it): tests with it will be skipped."
    fi
}
bring promtool usr/bin/promtool 'tests of the metrics and alerts' prometheus prometheus
bring nginx usr/sbin/nginx 'tests of what is deployed' nginx nginx

# The sample of a Python client runs where a Python has requests and numpy.
has_client() { local p; for p in python3 /usr/bin/python3; do "$p" -c 'import numpy, requests' > /dev/null 2>&1 && return 0; done; return 1; }
if ! has_client; then
    step 'requests and numpy for Python, which the test of a sample runs'
    if command -v apt-get > /dev/null; then
        install=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-requests python3-numpy)
        "${install[@]}" || { ${as_root[@]+"${as_root[@]}"} apt-get update && "${install[@]}"; } || true
    fi
    has_client || echo 'There is no Python with requests and numpy, and they could not be installed (apt-get and root or password-less sudo needed): the test of samples/python will be skipped.'
fi

step 'Restore'
dotnet restore Ueq.slnx -v q || { broken 'restore'; finish; }

step 'Build (warnings are errors)'
dotnet build Ueq.slnx -c Release --no-restore -v q || { broken 'build'; finish; }

step 'Format'
dotnet format Ueq.slnx --verify-no-changes --no-restore || broken 'format: run dotnet format'

step 'Tests'
# A test program without tests of the chosen categories (exit code 8) is fine; one that crashes leaves no report and is a failure.
dotnet test --solution Ueq.slnx -c Release --no-build --max-parallel-test-modules 1 \
    --results-directory "$results" --report-xunit-trx --ignore-exit-code 8 ${filter[@]+"${filter[@]}"}
code=$?

# What failed, once more and last, where it is found without reading the whole output.
failures='/<UnitTestResult .*outcome="Failed"/{s/.*testName="\([^"]*\)".*/FAILED: \1/p;}; /<Message>/,/<\/Message>/p'
reports=0
while IFS= read -r -d '' report; do
    reports=$((reports + 1))
    counters=$(grep -o '<Counters [^>]*>' "$report" | head -n 1)
    count() { local n; n=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<< "$counters"); echo "${n:-0}"; }
    total=$(count total) good=$(count passed) bad=$(($(count failed) + $(count error) + $(count timeout) + $(count aborted)))
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - good - bad))
    [ "$bad" -eq 0 ] || sed -n "$failures" "$report" | sed 's/^ *<Message>//; s/<\/Message>//' | head -n 60
done < <(find "$results" -name '*.trx' -print0)

programs=$(find test -mindepth 2 -maxdepth 2 -name '*.csproj' | wc -l)
if [ "$reports" -lt "$programs" ]; then
    printf 'FAILED: %d of %d test programs left no report\n' $((programs - reports)) "$programs"
    failed=$((failed + programs - reports))
fi
if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then broken "dotnet test ended with code $code"; fi

if [ -s "${UEQ_FAULTS_ROWS:-}" ] && [ "$failed" -eq 0 ]; then
    {
        printf '# Faults\n\nWritten by `./test.sh --faults`: %d tests passed, %d failed, %d skipped. %s, %s processors, %s UTC.\n\n' \
            "$passed" "$failed" "$skipped" "$(uname -sm)" "$(nproc)" "$(date -u '+%Y-%m-%d %H:%M')"
        printf '| fault | counted |\n|---|---|\n'
        sort "$UEQ_FAULTS_ROWS"
    } > bench/Quality/results/faults.md
fi
echo
finish
