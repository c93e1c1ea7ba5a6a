// What Node does by itself, and not in the process of a superdaemon. Imported before anything else.

// A warning would open process.stderr, which makes the stream non-blocking for the workers, too.
process.removeAllListeners('warning');
// As long as nobody listens, USR1 opens the inspector, by which any local user runs code here.
process.on('SIGUSR1', () => {});
