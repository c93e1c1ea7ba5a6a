#ifndef LOAD_H
#define LOAD_H

/* Requests answered within ms milliseconds, -1 when one of them failed. */
long load(const char *path, long ms);

#endif
