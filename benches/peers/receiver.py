"""A receiver as the vendor's documents describe one: FastAPI, one process.

It verifies every webhook and then keeps nothing (`--store none`), or one row each in SQLite
(`--store wal`). Its first line on standard output is its address.
"""

import argparse
import hashlib
import hmac
import json
import signal
import socket
import sqlite3
import sys

import uvicorn
from fastapi import FastAPI, HTTPException, Request

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--secret", required=True)
arguments.add_argument("--store", choices=["none", "wal"], required=True)
arguments.add_argument("--database", default="peer.db")
options = arguments.parse_args()

database = None
if options.store == "wal":
    database = sqlite3.connect(options.database)
    database.execute("pragma journal_mode = wal")
    database.execute("create table event (id integer primary key, type text, body text)")

app = FastAPI()


def is_genuine(body, timestamp: str, signature: str) -> bool:
    canonical = json.dumps(body, separators=(",", ":"), sort_keys=True)
    message = f"{timestamp}.{canonical}".encode()
    expected = hmac.new(options.secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


@app.post("/webhook")
async def webhook(request: Request):
    body = await request.json()
    timestamp = request.headers.get("X-Browser-Use-Timestamp")
    signature = request.headers.get("X-Browser-Use-Signature")
    if not timestamp or not signature:
        raise HTTPException(status_code=400, detail="Missing timestamp or signature")
    if not is_genuine(body, timestamp, signature):
        raise HTTPException(status_code=403, detail="Invalid signature")
    if database:
        with database:
            database.execute(
                "insert into event (type, body) values (?, ?)", (body["type"], json.dumps(body))
            )
    return {"status": "success", "message": "Webhook received"}


# uvicorn stops by itself on SIGTERM and then raises it once more: an orderly end either way.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
host, port = listener.getsockname()
print(f"{host}:{port}", flush=True)
server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
server.run(sockets=[listener])
