// To load node:os takes half a millisecond of each start, and hardly any has a use for it.
exports.nodeOs = () => require('node:os');
