# Serves in one thread, which says in datagrams that it lives; a request for /hang gets it stuck.
import os, socket, threading

generation = os.environ["SERVER_STARTER_GENERATION"]
listener = socket.socket(fileno=int(os.environ["SERVER_STARTER_PORT"].split("=")[1]))
teller = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
teller.connect(os.environ["NOTIFY_SOCKET"])
seconds = int(os.environ["WATCHDOG_USEC"]) / 2e6
teller.send(b"WATCHDOG=1")
listener.settimeout(seconds / 4)
while True:
    teller.send(b"WATCHDOG=1")
    try:
        connection, _ = listener.accept()
    except (TimeoutError, socket.timeout, BlockingIOError):
        continue
    connection.settimeout(10)
    if b"/hang" in connection.recv(4096):
        threading.Event().wait()
    body = f"generation {generation} {os.getpid()}\n".encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    connection.close()
