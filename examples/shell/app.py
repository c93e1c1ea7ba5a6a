"""Says who answers: the generation and the process."""

import os


def app(_environ, start_response):
    body = f"hello from pid {os.getpid()}, generation {os.environ['SERVER_STARTER_GENERATION']}\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
