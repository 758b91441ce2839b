"""How long CPython takes to verify a body: canonical form and HMAC-SHA256.

Takes the paths of bodies and prints, as a JSON list, the best microseconds of several rounds for
each.
"""

import hashlib
import hmac
import json
import sys
import timeit

SECRET = b"secret"
TIMESTAMP = "1748164942"


def sign(body: bytes) -> str:
    canonical = json.dumps(json.loads(body), separators=(",", ":"), sort_keys=True)
    return hmac.new(SECRET, f"{TIMESTAMP}.{canonical}".encode(), hashlib.sha256).hexdigest()


def best(body: bytes) -> float:
    timer = timeit.Timer(lambda: sign(body))
    runs, _ = timer.autorange()
    return min(timer.repeat(repeat=5, number=runs)) / runs * 1e6


answer = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        body = file.read()
    answer.append({"micros": best(body), "signature": sign(body)})
print(json.dumps(answer))
