import os


async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = f"hello from pid {os.getpid()}, generation {os.environ['SERVER_STARTER_GENERATION']}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
