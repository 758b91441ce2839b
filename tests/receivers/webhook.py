"""A receiver written for Browser Use, which has never heard of Tidings: `webhook.py SECRET [TOLERANCE]`.

It verifies webhooks as the vendor's documents describe it; given a TOLERANCE in seconds, it refuses
what was signed longer ago or later than that, too. The first line that it prints has its port; after
that, each line is a request and what it was answered. Lines on its standard input change it, and are
acknowledged: `{"now": 1779700000}` sets its clock, `{"status": 503}` what it answers to what is genuine.
"""

import asyncio
import hashlib
import hmac
import json
import socket
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

secret = sys.argv[1].encode()
tolerance = int(sys.argv[2]) if len(sys.argv) > 2 else None
manner = {"now": 0, "status": 200}
app = FastAPI()


def tell(**what):
    print(json.dumps(what), flush=True)


def refusal(body, timestamp, signature):
    """Why a request is not let in."""
    if timestamp is None or signature is None:
        return 400, "a header is missing"
    canonical = json.dumps(body, separators=(",", ":"), sort_keys=True)
    message = f"{timestamp}.{canonical}".encode()
    expected = hmac.new(secret, message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        return 403, "the signature does not match"
    if tolerance is not None and abs(manner["now"] - int(timestamp)) > tolerance:
        return 403, "it was signed too long ago"
    return None


@app.post("/webhook")
async def webhook(request: Request):
    body = await request.json()
    timestamp = request.headers.get("X-Browser-Use-Timestamp")
    refused = refusal(body, timestamp, request.headers.get("X-Browser-Use-Signature"))
    status, detail = refused or (manner["status"], "")
    tell(
        status=status,
        detail=detail,
        timestamp=timestamp,
        type=body.get("type"),
        id=request.headers.get("webhook-id"),
        replay=request.headers.get("tidings-replay"),
    )
    return JSONResponse({"detail": detail}, status_code=status)


async def obey(server):
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := await orders.readline():
        manner.update(json.loads(order))
        tell(**manner)
    server.should_exit = True


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    tell(port=listener.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    await asyncio.gather(server.serve(sockets=[listener]), obey(server))


asyncio.run(main())
