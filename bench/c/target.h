/* A target is one measured process, usually a superdaemon, and the FIFO its workers stamp. */
#ifndef TARGET_H
#define TARGET_H

#include <sys/types.h>

#include "stamp.h"

/* How many, and when the first and the last of them came. */
struct count {
  int number;
  long long first_ns, last_ns;
};

struct target {
  char name[64];
  pid_t pid; /* 0: not running */
  int status;
  int stamps;
  struct stamp started; /* the newest worker's */
  struct stamp retired; /* may well come before the start of the one that replaces it */
  pid_t retiring;       /* the worker before the newest */
  long long acted_ns;
  /* Of all workers since the last act that counts them. */
  struct count starts, retirements;
};

struct target *target_named(const char *name);
int target_launch(struct target *target, char **argv);
int target_await_exit(struct target *target);
int target_await_start(struct target *target);
/* Forgets what has come, so that `target_await_all` counts from here on. */
void target_count_anew(struct target *target);
int target_await_all(struct target *target, struct count *count, int number);
int target_await_retirement(struct target *target);
void stop_all_targets(void);

#endif
