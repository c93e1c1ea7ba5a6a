/**
 * The sockets that the superdaemon has bound: name → descriptor number, in the order of its options; empty when it was
 * given none.
 *
 * @throws Error when no superdaemon has started this program (SERVER_STARTER_PORT is not set), as Perl's
 *   Server::Starter::server_ports does; when the variable cannot be read; when two sockets have the same name (TCP and
 *   UDP on one port: bind one of them by its address).
 */
export function serverPorts(): ReadonlyMap<string, number> {
  const text = process.env.SERVER_STARTER_PORT;
  if (text === undefined) throw new Error('SERVER_STARTER_PORT is not set: not started by a superdaemon');
  const ports = new Map<string, number>();
  for (const entry of text === '' ? [] : text.split(';')) {
    // A path may have an equals sign, too: the last one counts.
    const { name, fd } = /^(?<name>.+)=(?<fd>\d{1,9})$/s.exec(entry)?.groups ?? {};
    if (name === undefined) throw new Error(`SERVER_STARTER_PORT: ${JSON.stringify(entry)} is not name=fd`);
    if (ports.has(name)) throw new Error(`SERVER_STARTER_PORT: two sockets have the name ${name}`);
    ports.set(name, Number(fd));
  }
  return ports;
}

/** Whether a superdaemon has started this program, with sockets or without. */
export function underSuperdaemon(): boolean {
  return process.env.SERVER_STARTER_PORT !== undefined;
}
