/* Launches, watches and stops what is measured. Whatever ends the driver ends its targets too. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TARGETS 64
#define WATCH_MS 100
#define PATIENCE_NS 30000000000LL
#define STOP_NS 4000000000LL

static struct target targets[TARGETS];

struct target *target_named(const char *name) {
  for (int i = 0; i < TARGETS; i++) {
    struct target *target = &targets[i];
    if (target->name[0] == 0) {
      snprintf(target->name, sizeof target->name, "%s", name);
      target->stamps = -1;
    }
    if (strcmp(target->name, name) == 0) return target;
  }
  return NULL;
}

static int open_stamps(struct target *target) {
  char path[512], directory[400];
  if (!getcwd(directory, sizeof directory)) return -1;
  snprintf(path, sizeof path, "%s/%s.stamps", directory, target->name);
  unlink(path);
  if (target->stamps >= 0) close(target->stamps);
  if (mkfifo(path, 0600) != 0) return -1;
  setenv("BENCH_STAMPS", path, 1);
  /* O_RDWR: the FIFO never reports end of file between two workers. */
  target->stamps = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return target->stamps < 0 ? -1 : 0;
}

static void become(struct target *target, char **argv) {
  char path[128];
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  /* Not SIGTERM: the reference may lose one. Its worker follows it in the same way. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  snprintf(path, sizeof path, "%s.log", target->name);
  int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (log < 0 || input < 0) _exit(126);
  dup2(input, 0);
  dup2(log, 1);
  dup2(log, 2);
  execvp(argv[0], argv);
  _exit(127);
}

int target_launch(struct target *target, char **argv) {
  if (target->pid || open_stamps(target) != 0) return -1;
  memset(&target->started, 0, sizeof target->started);
  memset(&target->retired, 0, sizeof target->retired);
  target->acted_ns = now_ns();
  pid_t pid = fork();
  if (pid == 0) become(target, argv);
  target->pid = pid < 0 ? 0 : pid;
  return pid < 0 ? -1 : 0;
}

static int reap(struct target *target, int options) {
  pid_t pid;
  do pid = waitpid(target->pid, &target->status, options);
  while (pid < 0 && errno == EINTR);
  if (pid != target->pid) return 0;
  target->pid = 0;
  return 1;
}

int target_await_exit(struct target *target) {
  return target->pid && reap(target, 0) ? 0 : -1;
}

static void count(struct count *count, long long ns) {
  if (count->number++ == 0 || ns < count->first_ns) count->first_ns = ns;
  if (ns > count->last_ns) count->last_ns = ns;
}

/* Blocks in poll until a stamp comes; looks at the target's own health only when nothing came for a while. */
static int take_stamp(struct target *target) {
  struct pollfd ready = {.fd = target->stamps, .events = POLLIN};
  struct stamp stamp;
  if (poll(&ready, 1, WATCH_MS) <= 0) return target->pid && reap(target, WNOHANG) ? -1 : 0;
  if (read(target->stamps, &stamp, sizeof stamp) != sizeof stamp) return 0;
  if (stamp.event == STARTED) target->started = stamp;
  else target->retired = stamp;
  count(stamp.event == STARTED ? &target->starts : &target->retirements, stamp.ns);
  return 0;
}

void target_count_anew(struct target *target) {
  struct pollfd waiting = {.fd = target->stamps, .events = POLLIN};
  while (poll(&waiting, 1, 0) > 0)
    if (take_stamp(target) != 0) break;
  memset(&target->starts, 0, sizeof target->starts);
  memset(&target->retirements, 0, sizeof target->retirements);
}

int target_await_all(struct target *target, struct count *count, int number) {
  long long deadline = now_ns() + PATIENCE_NS;
  while (count->number < number)
    if (now_ns() > deadline || take_stamp(target) != 0) return -1;
  return 0;
}

int target_await_start(struct target *target) {
  long long deadline = now_ns() + PATIENCE_NS;
  pid_t previous = target->started.pid;
  while (target->started.pid == previous)
    if (now_ns() > deadline || take_stamp(target) != 0) return -1;
  target->retiring = previous;
  return 0;
}

/* Also waits until the worker has been reaped. */
int target_await_retirement(struct target *target) {
  long long deadline = now_ns() + PATIENCE_NS;
  while (target->retired.pid != target->retiring)
    if (now_ns() > deadline || take_stamp(target) != 0) return -1;
  while (kill(target->retiring, 0) == 0) {
    if (now_ns() > deadline) return -1;
    usleep(500);
  }
  return 0;
}

/* Also runs inside a signal's action: nothing here but async-signal-safe calls. */
void stop_all_targets(void) {
  struct timespec pause = {0, 5000000};
  long long deadline = now_ns() + STOP_NS;
  int left = 1;
  for (int i = 0; i < TARGETS; i++)
    if (targets[i].pid) kill(targets[i].pid, SIGTERM);
  while (left) {
    left = 0;
    for (int i = 0; i < TARGETS; i++) {
      if (!targets[i].pid || reap(&targets[i], WNOHANG)) continue;
      if (now_ns() > deadline) kill(targets[i].pid, SIGKILL);
      left = 1;
    }
    if (left) nanosleep(&pause, NULL);
  }
}
