// Who has the sockets, and who is whose child.
import { type Box, line, rect, svg, text } from './svg.ts';

export function processes(): string {
  return svg({
    title:
      'The processes during a deploy. The superdaemon has bound the socket and never accepts a connection. Its two children, the old and the new generation of your server, have inherited the socket. Clients connect to the socket, a queue in the kernel; the generations accept from it.',
    width: 760,
    height: 244,
    body: [
      line([160, 88], [130, 158], 'dim-edge'),
      line([200, 88], [390, 158], 'dim-edge'),
      line([320, 56], [420, 56], 'socket-edge dashed'),
      line([480, 88], [190, 158], 'socket-edge dashed'),
      line([500, 88], [440, 158], 'socket-edge dashed'),
      line([600, 56], [560, 56], 'socket-edge'),
      ...box(
        { x: 20, y: 24, width: 300, height: 64, colour: 'other' },
        'superdaemon',
        'binds the socket, starts the generations',
      ),
      ...box(
        { x: 420, y: 24, width: 140, height: 64, colour: 'socket' },
        'socket :8080',
        'a queue in the kernel',
      ),
      ...box({ x: 600, y: 24, width: 140, height: 64, colour: 'old' }, 'clients', 'connect as ever'),
      ...box(
        { x: 20, y: 158, width: 230, height: 52, colour: 'old' },
        'generation 1',
        'answers what it has, then ends',
      ),
      ...box({ x: 290, y: 158, width: 230, height: 52, colour: 'new' }, 'generation 2', 'accepts what comes'),
      line([550, 176], [590, 176], 'dim-edge'),
      text('started by', { x: 600, y: 180, look: 'small dim' }),
      line([550, 198], [590, 198], 'socket-edge dashed'),
      text('have the socket', { x: 600, y: 202, look: 'small dim' }),
      text('No proxy: nothing stands between a client and your server.', { x: 20, y: 232, look: 'dim' }),
    ],
  });
}

function box(shape: Omit<Box, 'edge'>, ...lines: readonly string[]): string[] {
  const x = shape.x + shape.width / 2;
  const first = shape.y + shape.height / 2 + 5 - (lines.length - 1) * 9;
  const look = (index: number) => (index === 0 ? 'bold on' : 'small on');
  return [
    rect({ ...shape, edge: shape.colour }),
    ...lines.map((words, index) =>
      text(words, { x, y: first + index * 18, anchor: 'middle', look: look(index) }),
    ),
  ];
}
