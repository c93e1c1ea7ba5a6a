import os


async def app(scope, receive, send):
    assert scope["type"] == "http"
    worker, generation = (os.environ[f"SERVER_STARTER_{name}"] for name in ("WORKER", "GENERATION"))
    body = f"hello from worker {worker}, pid {os.getpid()}, generation {generation}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
