/* One client, one connection per request, over a Unix socket: how many are answered in a given time. */
#include "load.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stamp.h"

static int request(const struct sockaddr_un *address) {
  static const char question[] = "GET / HTTP/1.0\r\n\r\n";
  char answer[256];
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  int answered = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
                 write(fd, question, sizeof question - 1) > 0 && read(fd, answer, sizeof answer) > 0;
  if (fd >= 0) close(fd);
  return answered;
}

long load(const char *path, long ms) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  long long deadline = now_ns() + ms * 1000000LL;
  long answered = 0;
  while (now_ns() < deadline) {
    if (!request(&address)) return -1;
    answered++;
  }
  return answered;
}
