// Stands in for node:assert in the bundle, where the log's libraries ask for it. Loading the real one opens
// process.stderr, and that makes the stream non-blocking for everybody who shares it: the workers among them.

function assert(value, message) {
  if (!value) throw new Error(message);
}

assert.equal = (actual, expected, message) => assert(actual === expected, message);

module.exports = assert;
