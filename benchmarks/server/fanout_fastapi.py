"""The peer: FastAPI on uvicorn, sending each message to each client with `send_json`."""

import asyncio
import json
import socket
import sys
import time

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients: set[WebSocket] = set()


@app.websocket("/ws/connect")
async def connect(websocket: WebSocket) -> None:
    await websocket.accept()
    clients.add(websocket)
    await websocket.send_json({"type": "queue_status"})
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        clients.discard(websocket)


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = uvicorn.Config(app, log_level="error", access_log=False)
    task = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listener]))
    port = listener.getsockname()[1]
    print(json.dumps({"port": port, "path": "/ws/connect", "token": ""}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        amount, burst, pause = line.split()
        cpu = time.process_time()
        for _ in range(int(amount) // int(burst)):
            for _ in range(int(burst)):
                await broadcast()
            await asyncio.sleep(float(pause))
        print(json.dumps({"cpu": time.process_time() - cpu, "held": 0}), flush=True)
    task.cancel()


async def broadcast() -> None:
    data = {
        "download_id": "00000000-0000-0000-0000-000000000001",
        "key": "attack-on-titan",
        "folder": "F",
        "season": 1,
        "episode": 1,
        "error": f"@{time.monotonic():018.6f}@".ljust(90, "."),
        "error_kind": "bench",
        "retryable": False,
        "link": None,
        "retry_count": 0,
    }
    message = {"type": "download_failed", "timestamp": "2024-01-01T00:00:00.000Z", "data": data}
    for client in tuple(clients):
        try:
            await client.send_json(message)
        except (WebSocketDisconnect, RuntimeError):
            clients.discard(client)


asyncio.run(main())
