/* The measured worker: stamps its first instruction, then waits; SIGTERM stamps again and ends it.
   `worker serve` answers on the first inherited socket, `worker serve PATH` on one of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stamp.h"

static int stamps = -1;

static void report(enum event event, long long ns) {
  const char *generation = getenv("SERVER_STARTER_GENERATION");
  struct stamp stamp = {ns, getpid(), generation ? atoi(generation) : 0, event, 0};
  if (write(stamps, &stamp, sizeof stamp) != sizeof stamp) _exit(1);
}

static void retire(int signal) {
  (void)signal;
  report(RETIRED, now_ns());
  _exit(0);
}

/* No worker outlives its superdaemon, however that one was ended. */
static void die_with_parent(void) {
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

/* With --ready=notify: ready at once. */
static void say_ready(void) {
  const char *fd = getenv("NOTIFY_FD");
  if (fd && write(atoi(fd), "\n", 1) != 1) _exit(1);
}

static int inherited_socket(void) {
  const char *ports = getenv("SERVER_STARTER_PORT");
  const char *fd = ports ? strchr(ports, '=') : NULL;
  if (!fd) _exit(1);
  return atoi(fd + 1);
}

static int own_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  unlink(path);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) _exit(1);
  if (listen(fd, SOMAXCONN) != 0) _exit(1);
  return fd;
}

static void serve(int listener) {
  static const char reply[] = "HTTP/1.0 200 OK\r\n\r\nhello\n";
  char request[1024];
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) _exit(1);
    if (read(fd, request, sizeof request) > 0 && write(fd, reply, sizeof reply - 1) < 0) _exit(1);
    close(fd);
  }
}

int main(int argc, char **argv) {
  long long first_instruction = now_ns();
  const char *path = getenv("BENCH_STAMPS");
  /* O_RDWR: opening a FIFO that nobody reads must not block. */
  if (!path || (stamps = open(path, O_RDWR | O_CLOEXEC)) < 0) return 1;
  signal(SIGTERM, retire);
  die_with_parent();
  int serving = argc > 1 && strcmp(argv[1], "serve") == 0;
  int listener = !serving ? -1 : argc > 2 ? own_socket(argv[2]) : inherited_socket();
  report(STARTED, first_instruction);
  say_ready();
  if (serving) serve(listener);
  for (;;) pause();
}
