"""Every answer of the simulator fits the vendor's OpenAPI documents.

    python tests/openapi.py FOLDER PROGRAM
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

PACE = 0.2
LIFE = 5.5 * PACE
NOBODY = "00000000-0000-4000-8000-000000000000"

folder, program = Path(sys.argv[1]), sys.argv[2]
documents = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("v2", "v3", "v4")}
faults, checked = [], set()


def call(version, method, path, route, expected, body=None, key="key"):
    """Calls `path`, which the document knows as `route`, and checks the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Browser-Use-API-Key": key, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/{version}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    answer = json.loads(text) if text else None
    name = f"{version} {method} {route} {status}"
    if status != expected:
        faults.append(f"{name}: {expected} was expected: {answer}")
    documented = documents[version]["paths"][route][method.lower()]["responses"].get(str(status))
    schema = (documented or {}).get("content", {}).get("application/json", {}).get("schema")
    if status == 422:
        # Some routes document one fault where the vendor answers a list of them.
        schema = {"$ref": "#/components/schemas/HTTPValidationError"}
    if schema:
        checked.add(name)
        whole = {**schema, "components": documents[version]["components"]}
        validator = Draft202012Validator(whole, format_checker=FormatChecker())
        for fault in validator.iter_errors(answer):
            faults.append(f"{name}: {list(fault.absolute_path)}: {fault.message}")
        must_be_known(name, schema, answer, documents[version]["components"]["schemas"])
    elif status >= 400 and "detail" not in answer:
        faults.append(f"{name}: no `detail`: {answer}")
    return answer


def must_be_known(name, schema, value, schemas):
    """No answer has a field that the document does not."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict) and "properties" in schema:
        for field, inner in value.items():
            if field not in schema["properties"]:
                faults.append(f"{name}: `{field}` is not documented")
            else:
                must_be_known(name, schema["properties"][field], inner, schemas)
    elif isinstance(value, list) and "items" in schema:
        for inner in value:
            must_be_known(name, schema["items"], inner, schemas)


def v2():
    tasks, task = "/tasks", "/tasks/{task_id}"
    metadata = {"team": "tests"}
    rich = {"task": "t", "judge": True, "metadata": metadata, "startUrl": "https://example.com"}
    made = call("v2", "POST", tasks, tasks, 202, rich)
    ids = [made["id"]]
    for life in ("unsuccessful", "fails", "times-out", "endless"):
        ids.append(call("v2", "POST", tasks, tasks, 202, {"task": f"simulate:{life}"})["id"])

    def look():
        for id in ids:
            call("v2", "GET", f"/tasks/{id}", task, 200)
            call("v2", "GET", f"/tasks/{id}/status", task + "/status", 200)
        call("v2", "GET", "/tasks?pageSize=100", tasks, 200)
        call("v2", "GET", f"/sessions/{made['sessionId']}", "/sessions/{session_id}", 200)
        call("v2", "GET", "/sessions", "/sessions", 200)

    look()
    time.sleep(2.5 * PACE)
    look()
    time.sleep(LIFE)
    look()
    call("v2", "GET", f"/tasks/{ids[0]}/logs", task + "/logs", 200)
    file = call("v2", "GET", f"/tasks/{ids[0]}", task, 200)["outputFiles"][0]["id"]
    route = "/files/tasks/{task_id}/output-files/{file_id}"
    call("v2", "GET", f"/files/tasks/{ids[0]}/output-files/{file}", route, 200)
    call("v2", "GET", f"/files/tasks/{ids[0]}/output-files/{NOBODY}", route, 404)
    for action in ("stop", "stop_task_and_session"):
        call("v2", "PATCH", f"/tasks/{ids[4]}", task, 200, {"action": action})
    call("v2", "PATCH", f"/tasks/{ids[4]}", task, 422, {"action": "dance"})
    for suffix in ("", "/status", "/logs"):
        call("v2", "GET", f"/tasks/{NOBODY}{suffix}", task + suffix, 404)
    call("v2", "GET", "/tasks/x", task, 422)
    call("v2", "GET", "/tasks?pageSize=0", tasks, 422)
    call("v2", "POST", tasks, tasks, 422, {})
    call("v2", "POST", tasks, tasks, 404, {"task": "t", "sessionId": NOBODY})
    call("v2", "POST", tasks, tasks, 429, {"task": "t"}, "too-many-sessions")
    call("v2", "POST", tasks, tasks, 402, {"task": "t"}, "spend-limit")
    call("v2", "POST", tasks, tasks, 401, {"task": "t"}, "bad-key")

    sessions, session = "/sessions", "/sessions/{session_id}"
    id = call("v2", "POST", sessions, sessions, 201, {"enableRecording": True})["id"]
    call("v2", "POST", sessions, sessions, 404, {"profileId": NOBODY})
    call("v2", "POST", tasks, tasks, 202, {"task": "simulate:endless", "sessionId": id})
    call("v2", "POST", tasks, tasks, 400, {"task": "t", "sessionId": id})
    upload = {"fileName": "a.csv", "contentType": "text/csv", "sizeBytes": 1}
    route = "/files/sessions/{session_id}/presigned-url"
    call("v2", "POST", f"/files/sessions/{id}/presigned-url", route, 200, upload)
    upload["contentType"] = "text/x"
    call("v2", "POST", f"/files/sessions/{id}/presigned-url", route, 400, upload)
    share = session + "/public-share"
    for method, status in ("GET", 404), ("POST", 201), ("GET", 200), ("DELETE", 204):
        call("v2", method, f"/sessions/{id}/public-share", share, status)
    call("v2", "POST", f"/sessions/{id}/purge", session + "/purge", 403)
    call("v2", "PATCH", f"/sessions/{id}", session, 200, {"action": "stop"})
    call("v2", "POST", tasks, tasks, 400, {"task": "t", "sessionId": id})
    call("v2", "GET", f"/sessions/{NOBODY}", session, 404)
    call("v2", "DELETE", f"/sessions/{id}", session, 204)
    call("v2", "GET", "/billing/account", "/billing/account", 200)
    profiles("v2")


def profiles(version):
    route = "/profiles/{profile_id}"
    names = {"name": "a", "userId": "b"}
    id = call(version, "POST", "/profiles", "/profiles", 201, names)["id"]
    call(version, "POST", "/profiles", "/profiles", 402, {}, "no-subscription")
    call(version, "GET", "/profiles", "/profiles", 200)
    call(version, "GET", f"/profiles/{id}", route, 200)
    call(version, "PATCH", f"/profiles/{id}", route, 200, {"name": "c"})
    call(version, "DELETE", f"/profiles/{id}", route, 204)
    call(version, "GET", f"/profiles/{id}", route, 404)


def v3():
    sessions, session = "/sessions", "/sessions/{session_id}"
    rich = {"task": "t", "keepAlive": True, "enableRecording": True, "maxCostUsd": 1.5}
    rich["outputSchema"] = {"type": "object"}
    ids = [call("v3", "POST", sessions, sessions, 200, rich)["id"]]
    for life in ("finishes", "unsuccessful", "fails", "times-out", "endless"):
        ids.append(call("v3", "POST", sessions, sessions, 200, {"task": f"simulate:{life}"})["id"])
    ids.append(call("v3", "POST", sessions, sessions, 200, {"model": "bu-mini"})["id"])
    for wait in (0, 2.5 * PACE, LIFE):
        time.sleep(wait)
        for id in ids:
            call("v3", "GET", f"/sessions/{id}", session, 200)
            call("v3", "GET", f"/sessions/{id}/messages", session + "/messages", 200)
        call("v3", "GET", "/sessions?page_size=100", sessions, 200)
    for strategy in ("task", "session"):
        call("v3", "POST", f"/sessions/{ids[5]}/stop", session + "/stop", 200, {"strategy": strategy})
    call("v3", "POST", sessions, sessions, 422, {"sessionId": ids[0]})
    call("v3", "GET", "/sessions/x", session, 422)
    call("v3", "GET", f"/sessions/{NOBODY}", session, 404)
    call("v3", "DELETE", f"/sessions/{ids[0]}", session, 204)
    call("v3", "GET", "/billing/account", "/billing/account", 200)
    profiles("v3")


def v4():
    runs, run = "/runs", "/runs/{run_id}"
    rich = {"task": "t", "judge": {"context": "c"}, "maxCostUsd": "1.5"}
    made = call("v4", "POST", runs, runs, 200, rich)
    ids = [made["id"]]
    for life in ("unsuccessful", "fails", "times-out", "endless"):
        ids.append(call("v4", "POST", runs, runs, 200, {"task": f"simulate:{life}"})["id"])
    for wait in (0, 0.6 * PACE, 2 * PACE, LIFE):
        time.sleep(wait)
        for id in ids:
            for suffix in ("", "/status", "/events"):
                call("v4", "GET", f"/runs/{id}{suffix}", run + suffix, 200)
        call("v4", "GET", "/runs?limit=2", runs, 200)
        call("v4", "GET", "/sessions?limit=2", "/sessions", 200)
        call("v4", "GET", f"/sessions/{made['sessionId']}", "/sessions/{session_id}", 200)
    call("v4", "POST", f"/runs/{ids[4]}/cancel", run + "/cancel", 200)
    call("v4", "GET", f"/runs/{NOBODY}", run, 404)
    call("v4", "GET", "/runs?cursor=x", runs, 400)
    call("v4", "POST", runs, runs, 422, {"task": "t", "steps": 1})
    profiles("v4")


server = subprocess.Popen(
    [program, "simulate", "--listen", "127.0.0.1:0", "--pace", f"{PACE * 1000:.0f}ms"],
    stderr=subprocess.PIPE,
    text=True,
)
try:
    url = server.stderr.readline().split("Listening on ")[1].split()[0]
    for version in (v2, v3, v4):
        version()
finally:
    server.terminate()
    server.wait()

for fault in dict.fromkeys(faults):
    print(fault, file=sys.stderr)
print(f"{len(checked)} kinds of answers were checked against their schemas.")
sys.exit(bool(faults))
