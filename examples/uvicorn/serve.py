# uvicorn behind a superdaemon, without a lost request. Upon TERM uvicorn itself closes the connections that it has
# accepted and not read a request from yet; this waits for their requests first.
#
#   start-server --as=uvicorn --port=8080 -- python3 serve.py app:app
import asyncio
import os
import sys
import time

import uvicorn

PATIENCE = 5.0  # seconds, for clients that connect and then say nothing


class Server(uvicorn.Server):
    async def shutdown(self, sockets=None):
        for server in self.servers:
            server.close()
        give_up = time.monotonic() + PATIENCE
        # What has been accepted in this very turn of the loop becomes a connection in the next ones, however late they come.
        for _ in range(10):
            await asyncio.sleep(0)
        while self.awaits_request() and time.monotonic() < give_up:
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)

    def awaits_request(self):
        return any(getattr(each, "cycle", True) is None for each in self.server_state.connections)


sys.path.insert(0, os.getcwd())
Server(uvicorn.Config(sys.argv[1], fd=int(os.environ["UVICORN_FD"]), access_log=False)).run()
