"""The vendor's Python clients of v3 and v4: what there is, looked at, and a JSON line of it.

Told nothing but where the API is, and a key in `BROWSER_USE_API_KEY`.
"""

import json
import os

from browser_use_sdk.v3 import BrowserUse as V3
from browser_use_sdk.v4 import BrowserUse as V4

base = os.environ["BASE_URL"]
sessions = V3(base_url=f"{base}/v3").sessions
runs = V4(base_url=f"{base}/v4").runs

session = sessions.list(page_size=5).sessions[0]
run = runs.list(limit=5).runs[0]
told = {
    "session": sessions.get(session.id),
    "run": runs.get(run.id),
    "status": runs.status(run.id),
}
told = {call: answer.model_dump(mode="json", by_alias=True) for call, answer in told.items()}
print(json.dumps(told))
