# uvicorn behind a superdaemon, without a lost request. Upon TERM uvicorn itself closes the connections on which no request
# is under way: one that has been accepted and not read yet, or that a client which kept it is just sending. This answers
# the next request on each, and tells the client with it that the connection ends. It also says when it listens.
#
#   start-server --as=uvicorn --ready=notify --port=8080 -- python3 serve.py app:app
import asyncio
import os
import sys
import time

import uvicorn

PATIENCE = 5.0  # seconds, for clients that say nothing more
CLOSE = (b"connection", b"close")


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        if not self.started:
            return
        if self.should_exit:
            # Told to go meanwhile, uvicorn would end at once, with what it is just accepting in its hands.
            await self.shutdown(sockets)
        elif "NOTIFY_FD" in os.environ:
            os.write(int(os.environ["NOTIFY_FD"]), b"READY=1\n")

    async def shutdown(self, sockets=None):
        for server in self.servers:
            server.close()
        self.announce_the_end()
        give_up = time.monotonic() + PATIENCE
        # What has been accepted in this very turn of the loop becomes a connection in the next ones, however late they come.
        for _ in range(10):
            await asyncio.sleep(0)
        while self.server_state.connections and time.monotonic() < give_up:
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)

    def announce_the_end(self):
        # Each connection may have kept the list of the second in which it came; what is under way shares it.
        kept = [getattr(each, "default_headers", []) for each in self.server_state.connections]
        for headers in [self.server_state.default_headers, *kept]:
            if CLOSE not in headers:
                headers.append(CLOSE)


sys.path.insert(0, os.getcwd())
Server(uvicorn.Config(sys.argv[1], fd=int(os.environ["UVICORN_FD"]), access_log=False)).run()
