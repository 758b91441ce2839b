"""The vendor's Python signer: a line `body secret timestamp` in hexadecimal, a signature in return.

Answers `!` where Python cannot read the body.
"""

import json
import sys

from browser_use_sdk.lib.webhooks import create_webhook_signature

for line in sys.stdin:
    body, secret, timestamp = (bytes.fromhex(word).decode("utf-8") for word in line.split())
    try:
        document = json.loads(body)
    except ValueError:
        answer = "!"
    else:
        answer = create_webhook_signature(body=document, timestamp=timestamp, secret=secret)
    print(answer, flush=True)
