/* Takes the time of one act at a time, so that no runtime's event loop blurs a figure.
   In: lines `VERB<TAB>NAME<TAB>SETTLE_MS[<TAB>WORD…]`. Out: `ok<TAB>NUMBER[<TAB>NUMBER]` or `error<TAB>TEXT`, one line each.
   Before every act it sleeps SETTLE_MS: whoever asked is idle again by then, and so is the target. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "load.h"
#include "target.h"

#define WORDS 4096

static void ok(long long first, long long second) { printf("ok\t%lld\t%lld\n", first, second); }

static void failed(struct target *target, const char *verb) {
  if (target->pid) printf("error\t%s: waited in vain\n", verb);
  else printf("error\t%s: the process is not there, wait status %d\n", verb, target->status);
}

static void await_start(struct target *target, const char *verb) {
  if (target_await_start(target) != 0) failed(target, verb);
  else ok(target->started.ns - target->acted_ns, target->pid);
}

static void await_start_after(int signal, pid_t pid, struct target *target, const char *verb) {
  target->acted_ns = now_ns();
  if (pid <= 0 || kill(pid, signal) != 0) failed(target, verb);
  else await_start(target, verb);
}

static void await_exit(struct target *target, const char *verb) {
  if (target_await_exit(target) != 0) failed(target, verb);
  else ok(now_ns() - target->acted_ns, target->status);
}

/* When the worker before the newest was signalled, counted from the last act. */
static void await_retirement(struct target *target, const char *verb) {
  if (target_await_retirement(target) != 0) failed(target, verb);
  else ok(target->retired.ns - target->acted_ns, target->retiring);
}

static void await_all(struct target *target, struct count *count, const char *number, const char *verb) {
  if (target_await_all(target, count, atoi(number)) != 0) failed(target, verb);
  else ok(count->first_ns - target->acted_ns, count->last_ns - target->acted_ns);
}

/* A deploy of so many workers. */
static void hup_all(struct target *target, const char *number, const char *verb) {
  target_count_anew(target);
  target->acted_ns = now_ns();
  if (target->pid <= 0 || kill(target->pid, SIGHUP) != 0) failed(target, verb);
  else await_all(target, &target->starts, number, verb);
}

static void answer_load(const char *path, const char *ms) {
  long answered = load(path, atol(ms));
  if (answered < 0) printf("error\tload: a request on %s failed\n", path);
  else ok(answered, 0);
}

static void act(const char *verb, struct target *target, char **words) {
  if (strcmp(verb, "hup") == 0) await_start_after(SIGHUP, target->pid, target, verb);
  else if (strcmp(verb, "crash") == 0) await_start_after(SIGKILL, target->started.pid, target, verb);
  else if (strcmp(verb, "retired") == 0) await_retirement(target, verb);
  else if (strcmp(verb, "hup-all") == 0) hup_all(target, words[0], verb);
  else if (strcmp(verb, "retired-all") == 0) await_all(target, &target->retirements, words[0], verb);
  else if (strcmp(verb, "load") == 0) answer_load(words[0], words[1]);
  else if (strcmp(verb, "wait") == 0) ok(0, 0);
  else if (strcmp(verb, "stop") == 0) {
    target->acted_ns = now_ns();
    if (target->pid) kill(target->pid, SIGTERM);
    await_exit(target, verb);
  } else if (target_launch(target, words) != 0) failed(target, verb);
  else if (strcmp(verb, "start") == 0) await_start(target, verb);
  else if (strcmp(verb, "run") == 0) await_exit(target, verb);
  else ok(0, target->pid); /* hold */
}

static void leave(int signal) {
  stop_all_targets();
  _exit(128 + signal);
}

int main(void) {
  static char *words[WORDS + 1];
  char *line = NULL;
  size_t size = 0;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  signal(SIGPIPE, leave); /* nobody reads the answers any more */
  while (getline(&line, &size, stdin) > 0) {
    int count = 0;
    for (char *word = strtok(line, "\t\n"); word && count < WORDS; word = strtok(NULL, "\t\n")) words[count++] = word;
    words[count] = NULL;
    if (count < 3) return 2;
    struct target *target = target_named(words[1]);
    if (!target) return 3;
    usleep((useconds_t)atol(words[2]) * 1000);
    act(words[0], target, words + 3);
    fflush(stdout);
  }
  stop_all_targets();
  return 0;
}
