#!/usr/bin/env bash
# A walk through every call of the service with curl: samples/curl/walk.sh [http://127.0.0.1:5000]
# Against 'ueq serve --demo' on this machine. It ends with an error at the first answer that is not the expected one.
set -euo pipefail
url=${1:-http://127.0.0.1:5000}
row='[59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]'
answer=

# call STATUS METHOD PATH [BODY [TYPE]]: sends, prints and expects the status; the body is in $answer.
call() {
    local status told=(-X "$2" -H "Content-Type: ${5:-application/json}")
    [ $# -lt 4 ] || told+=(--data-binary "$4")
    answer=$(curl -sS -w '\n%{http_code}' "${told[@]}" "$url$3")
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    printf '%s %s -> %s\n  %.200s\n' "$2" "$3" "$status" "$answer"
    [ "$status" = "$1" ] || { echo "expected status $1, got $status" >&2; exit 1; }
}
# value KEY: the first text or number of that key in $answer.
value() { sed -n "s/.*\"$1\":\"\{0,1\}\[\{0,1\}\"\{0,1\}\([^\",}]*\).*/\1/p" <<< "$answer" | head -n 1; }
in_an_hour() { date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -v+1H +%Y-%m-%dT%H:%M:%SZ; }

echo '== What is there, what is served'
call 200 GET /
call 200 GET /health
call 200 GET /health/live
call 200 GET /health/ready
call 200 GET /openapi/v1.json
call 200 GET /model_info
model=$(sed 's/^{"name":"\([^"]*\)".*/\1/' <<< "$answer")

echo '== Predictions'
call 200 POST /predict "{\"X\": [$row]}"
call 200 POST /predict "{\"X\": [$row], \"coverage\": 0.99999}"
call 200 POST "/benchmark?seconds=0.1" "{\"X\": [$row]}"
call 200 POST /predict "{\"X\": [$row, $row], \"coverage\": 0.95, \"receipts\": true, \"groups\": [\"north\", null]}"
receipt=$(value receipts)
call 200 POST /predict_large "{\"X\": [$row, $row], \"batch_size\": 1}"
call 200 POST '/predict_large?coverage=0.95' "$row"$'\n'"{\"x\": $row}" application/x-ndjson
call 200 GET "/v2/models/$model"
call 200 POST "/v2/models/$model/infer" "{\"inputs\": [{\"name\": \"input\", \"shape\": [1, 10], \"datatype\": \"FP32\", \"data\": $row}]}"
call 400 POST /predict '{"X": [[59, 2]]}'
call 404 GET /predictions

echo '== Labels, which come late'
call 200 POST /feedback "{\"labels\": [{\"receipt\": \"$receipt\", \"y\": 151}]}"
call 200 POST /feedback "{\"labels\": [{\"receipt\": \"$receipt\", \"y\": 151}]}"
[ "$(value duplicates)" = 1 ] || { echo 'expected the second label to be a duplicate' >&2; exit 1; }
call 422 POST /feedback '{"labels": [{"receipt": "nonsense", "y": 151}]}'
call 200 GET /coverage

echo '== Watching'
call 200 GET /monitoring
call 200 POST /monitoring/freeze '{"who": "walk", "note": "maintenance of the source"}'
call 200 POST /monitoring/resume '{"who": "walk"}'
call 200 POST /monitoring/rebaseline '{"who": "walk"}'
# Without online.models in the configuration there are no levels to begin anew.
call 409 POST /online/reset '{"who": "walk"}'
call 200 GET '/incidents?state=open'
call 404 GET /incidents/none
call 404 POST /incidents/none/acknowledge '{"who": "walk"}'
call 201 POST /silences "{\"who\": \"walk\", \"reason\": \"a test\", \"until\": \"$(in_an_hour)\"}"
silence=$(value id)
call 200 GET /silences
call 200 DELETE "/silences/$silence?who=walk"
call 200 GET /experiments
call 404 GET /experiments/none
call 404 POST /experiments/none/stop '{"who": "walk"}'
call 200 GET /errors
call 200 POST /errors/reset '{"who": "walk"}'
call 200 GET /audit
call 200 GET /metrics
echo 'done'
