// Stands in for node:child_process in the bundle: commander loads it for subcommands that are programs of their own, and we
// have none. The real one costs the resident process more than a megabyte.

module.exports = {};
