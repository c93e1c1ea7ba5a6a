/* Clients that ask one request after the other: how many are answered in a given time. */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stamp.h"

#define CLIENTS 64

struct client {
  const struct load *load;
  long long deadline;
  long answered;
};

static int connected(const char *where) {
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int is_path = strchr(where, '/') != NULL;
  strncpy(local.sun_path, where, sizeof local.sun_path - 1);
  inet.sin_port = htons((unsigned short)atoi(where));
  int fd = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
  int failed = is_path ? connect(fd, (struct sockaddr *)&local, sizeof local)
                       : connect(fd, (struct sockaddr *)&inet, sizeof inet);
  if (fd >= 0 && failed) close(fd);
  return failed ? -1 : fd;
}

/* The answers are so short that each comes in one piece. */
static int ask(int fd, int kept) {
  static const char once[] = "GET / HTTP/1.0\r\n\r\n", again[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  char answer[512];
  ssize_t asked = kept ? write(fd, again, sizeof again - 1) : write(fd, once, sizeof once - 1);
  return asked > 0 && read(fd, answer, sizeof answer) > 0;
}

static void *run(void *own) {
  struct client *client = own;
  int kept = client->load->kept, fd = -1, answers = 1;
  while (answers && now_ns() < client->deadline) {
    if (fd < 0) fd = connected(client->load->where);
    answers = fd >= 0 && ask(fd, kept);
    client->answered += answers;
    if (kept || fd < 0) continue;
    close(fd);
    fd = -1;
  }
  if (fd >= 0) close(fd);
  if (!answers) client->answered = -1;
  return NULL;
}

long answered_in(const struct load *load) {
  struct client clients[CLIENTS];
  pthread_t threads[CLIENTS];
  int count = load->clients < CLIENTS ? load->clients : CLIENTS;
  long long deadline = now_ns() + load->ms * 1000000LL;
  long sum = 0;
  for (int i = 0; i < count; i++) {
    clients[i] = (struct client){load, deadline, 0};
    if (pthread_create(&threads[i], NULL, run, &clients[i]) != 0) return -1;
  }
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    sum = sum < 0 || clients[i].answered < 0 ? -1 : sum + clients[i].answered;
  }
  return sum;
}
