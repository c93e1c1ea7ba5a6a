#ifndef LOAD_H
#define LOAD_H

struct load {
  const char *where; /* the path of a Unix socket, or a port of 127.0.0.1 */
  long ms;
  int clients;
  int kept; /* each client stays on one connection, instead of one for each request */
};

/* Requests answered in that time, -1 when one of them failed. */
long answered_in(const struct load *load);

#endif
