// The library in a CommonJS program, on every socket that there is. Answers with the line "GENERATION PID".
const { createServer } = require('node:net');
const { listen, ready, serverPorts } = require('start-server');

const line = `${process.env.SERVER_STARTER_GENERATION} ${process.pid}\n`;
const servers = [...serverPorts().keys()].map((name) =>
  listen(
    createServer((connection) => connection.end(line)),
    { name },
  ),
);
process.on('SIGTERM', () => process.exit());
Promise.all(servers).then(() => console.error(`listens, and told somebody: ${ready()}`));
