# For any ASGI server: names process and generation; each request takes a moment.
import asyncio
import os


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await asyncio.sleep(0.005)
    generation = os.environ["SERVER_STARTER_GENERATION"]
    body = f"pid {os.getpid()}, generation {generation}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
