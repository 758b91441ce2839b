"""The vendor's Python client: one task from its creation to its stop, and a JSON line of it.

Told nothing but where the API is, and a key in `BROWSER_USE_API_KEY`.
"""

import json
import os

from browser_use_sdk import BrowserUse, BrowserUseError

client = BrowserUse(base_url=os.environ["BASE_URL"])
try:
    created = client.tasks.create("simulate:endless", metadata={"team": "tests"})
    told = {
        "create": created,
        "get": client.tasks.get(str(created.id)),
        "status": client.tasks.status(str(created.id)),
        "list": client.tasks.list(page_size=5),
        "stop": client.tasks.stop(str(created.id)),
    }
    told = {call: answer.model_dump(mode="json", by_alias=True) for call, answer in told.items()}
except BrowserUseError as error:
    told = {"refused": error.status_code, "said": error.message}
print(json.dumps(told))
