/* What a worker tells the driver: one fixed-size record per event, so that one write and one read carry it whole. */
#ifndef STAMP_H
#define STAMP_H

#include <sys/types.h>
#include <time.h>

enum event { STARTED = 1, RETIRED = 2 };

struct stamp {
  long long ns; /* CLOCK_MONOTONIC */
  pid_t pid;
  int generation;
  int event;
  int reserved;
};

static inline long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

#endif
