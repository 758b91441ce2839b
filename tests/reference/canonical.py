"""The canonical form by Python itself: one body in hexadecimal a line, one answer a line.

Answers with the form in hexadecimal, or with `!` where Python refuses. Bodies are UTF-8 here; what
json.loads makes of other encodings, and of surrogates in UTF-8, is left out on purpose.
"""

import json
import sys

for line in sys.stdin:
    try:
        body = json.loads(bytes.fromhex(line).decode("utf-8-sig"))
        form = json.dumps(body, separators=(",", ":"), sort_keys=True)
        answer = form.encode("ascii").hex()
    except (ValueError, RecursionError):
        answer = "!"
    print(answer, flush=True)
