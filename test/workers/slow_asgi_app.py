# As asgi_app.py, but its start takes until the file go is there; meanwhile it has left starting-GENERATION.
import asyncio
import os
from pathlib import Path

from asgi_app import app as serve


async def app(scope, receive, send):
    if scope["type"] == "http":
        return await serve(scope, receive, send)
    assert scope["type"] == "lifespan"
    await receive()
    Path("starting-" + os.environ["SERVER_STARTER_GENERATION"]).touch()
    while not Path("go").exists():
        await asyncio.sleep(0.01)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
