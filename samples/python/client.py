"""A Python client of the service: python3 client.py http://127.0.0.1:5000

Against `ueq serve --demo`. Needs requests and numpy (Debian: python3-requests, python3-numpy).
"""
import sys

import numpy
import requests


def predict(url, X, **options):
    """Predictions [n] and intervals [n, 2] of the rows X [n, columns]; infinite ends where the evidence does not suffice."""
    response = requests.post(f"{url}/predict", json={"X": X.tolist(), **options}, timeout=30)
    if response.status_code != 200:
        raise RuntimeError(f"status {response.status_code}: {response.json()['error']}")
    r = response.json()
    # numpy reads the texts "Infinity" and "-Infinity" as the numbers they are.
    return numpy.asarray(r["predictions"]), numpy.asarray(r["uncertainty"], dtype=float), r


def main(url):
    X = numpy.array([[59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87], [48, 1, 21.6, 87, 183, 103.2, 70, 3, 3.8918, 69]])

    predictions, intervals, r = predict(url, X)
    assert intervals.shape == (2, 2) and numpy.isfinite(intervals).all()
    assert ((intervals[:, 0] <= predictions) & (predictions <= intervals[:, 1])).all()
    for prediction, (lower, upper) in zip(predictions, intervals):
        print(f"{prediction:.0f} in {lower:.0f} … {upper:.0f}, {r['coverage']:.0%} of the time")

    _, wider, _ = predict(url, X, coverage=0.95)
    print(f"{(wider[:, 1] - wider[:, 0] >= intervals[:, 1] - intervals[:, 0]).sum()} of 2 intervals are as wide or wider at 95 %")

    _, unbounded, _ = predict(url, X, coverage=0.99999)
    print(f"at 99.999 % the ends are {unbounded[0, 0]} and {unbounded[0, 1]}")

    _, _, r = predict(url, X, receipts=True)
    labels = [{"receipt": receipt, "y": y} for receipt, y in zip(r["receipts"], [151.0, 75.0])]
    kept = requests.post(f"{url}/feedback", json={"labels": labels}, timeout=30).json()
    print(f"{kept['accepted']} labels accepted")

    # Any number of rows, a line each, answered while they are sent: requests takes a generator as the body.
    lines = (b"%s\n" % str(row.tolist()).encode() for row in X)
    with requests.post(f"{url}/predict_large", data=lines, headers={"Content-Type": "application/x-ndjson"}, stream=True, timeout=30) as stream:
        print(list(stream.iter_lines())[-1].decode())

    health = requests.get(f"{url}/health", timeout=30).json()
    print("healthy" if health["is_healthy"] else "not healthy")

    try:
        predict(url, X[:, :3])
    except RuntimeError as refused:
        print(refused)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:5000")
