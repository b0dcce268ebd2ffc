#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of every library in src/ (or of those named as arguments) from what the compiler sees.
# Run it when you have changed the public surface on purpose; the difference is then part of the review.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

rooms=("$@")
if [ ${#rooms[@]} -eq 0 ]; then
    for project in src/*/*.csproj; do
        grep -q '<OutputType>Exe</OutputType>' "$project" || rooms+=("$(basename "$project" .csproj)")
    done
fi

for room in "${rooms[@]}"; do
    folder=src/$room
    shipped=$folder/PublicAPI.Shipped.txt
    unshipped=$folder/PublicAPI.Unshipped.txt
    [ -f "$folder/$room.csproj" ] || { echo "There is no $folder/$room.csproj." >&2; exit 1; }
    [ -f "$shipped" ] || echo '#nullable enable' > "$shipped"
    echo '#nullable enable' > "$unshipped"

    # The analyzer reports each public symbol that no file lists; its log has the exact text that the file wants.
    build=(dotnet build "$folder/$room.csproj" -v q -p:TreatWarningsAsErrors=false)
    log=$scratch/$room.sarif
    "${build[@]}" > "$scratch/out" 2>&1 || { cat "$scratch/out" >&2; exit 1; }
    "${build[@]}" --no-restore --no-dependencies -t:Rebuild "-p:ErrorLog=$log%2Cversion=2.1" > "$scratch/out" 2>&1 || { cat "$scratch/out" >&2; exit 1; }
    sed -n 's/^ *"APIName": "\(.*\)",\{0,1\}$/\1/p' "$log" | sed 's/\\"/"/g; s/\\\\/\\/g' | sort -u >> "$unshipped"
    echo "$unshipped: $(($(wc -l < "$unshipped") - 1)) symbols"
done
