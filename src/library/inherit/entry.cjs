// What `--as=node` puts into NODE_OPTIONS, so it is in every Node process below the command, npm's and the shell's, too. In
// syntax that any Node understands; one before 18, and whoever has no superdaemon above, is left as it is.

if (process.env.SERVER_STARTER_PORT !== undefined && Number.parseInt(process.versions.node, 10) >= 18) {
  // Loaded only by who listens: in a program that does not they would be half of what this costs.
  require('./inherit.ts').inherit({
    cluster: () => require('node:cluster'),
    dgram: () => require('node:dgram'),
    threads: () => require('node:worker_threads'),
    serving: () => require('./serving.ts'),
  });
}
