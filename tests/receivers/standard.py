"""Verifies requests with the library of Standard Webhooks, one for each line of standard input.

A line has the request's `headers` and `body`, and a `secret`, which is text or, as the standard writes
it, base64 behind `whsec_`. It is answered with `true`, or with what the library raised.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    given = json.loads(line)
    secret = given["secret"]
    webhook = Webhook(secret if secret.startswith("whsec_") else secret.encode())
    try:
        webhook.verify(given["body"], given["headers"])
        answer = True
    except WebhookVerificationError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
