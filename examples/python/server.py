"""Serves every socket that it inherits. On TERM it takes no more connections, answers those that it has, and ends."""

import os
import signal
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


retiring = Event()


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # With kept-alive connections …
    timeout = 5  # … which may be idle so long: the process ends after the last one.

    def do_GET(self):
        generation = os.environ["SERVER_STARTER_GENERATION"]
        body = f"hello from pid {os.getpid()}, generation {generation}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if retiring.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for the requests under way.

    def __init__(self, fd):
        super().__init__(None, Hello, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=fd)
        # The other generation may be faster: without this, accept() would wait for the next client, deaf to TERM.
        self.socket.setblocking(False)


# Before any thread is there, so that all of them leave TERM to sigwait.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
fds = [int(entry.rpartition("=")[2]) for entry in os.environ["SERVER_STARTER_PORT"].split(";")]
servers = [Server(fd) for fd in fds]
for server in servers:
    Thread(target=server.serve_forever, args=[0.1]).start()

signal.sigwait([signal.SIGTERM])
retiring.set()
for server in servers:
    server.shutdown()
    server.server_close()
