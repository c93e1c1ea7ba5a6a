// The library in a CommonJS program, on every socket that there is. Answers with the line "GENERATION PID".
const { createServer } = require('node:net');
const { listen, ready, retire, serverPorts } = require('superdaemon');

const line = `${process.env.SERVER_STARTER_GENERATION} ${process.pid}\n`;
const names = [...serverPorts().keys()];
const servers = names.map(() => createServer((connection) => connection.end(line)));
process.on('SIGTERM', () => {
  for (const server of servers) retire(server);
});
Promise.all(servers.map((server, index) => listen(server, { name: names[index] }))).then(() =>
  console.error(`listens, and told somebody: ${ready()}`),
);
