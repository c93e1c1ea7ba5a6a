# For any WSGI server: names process and generation; each request takes a moment.
import os
import time


def app(environ, start_response):
    time.sleep(0.005)
    generation = os.environ["SERVER_STARTER_GENERATION"]
    body = f"pid {os.getpid()}, generation {generation}\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
