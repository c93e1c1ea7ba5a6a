// node client.js URL: sends one message after the other until its standard input ends. When the server goes away it comes
// back, and says again what was not answered.
import { setTimeout as delay } from 'node:timers/promises';
import { io } from 'socket.io-client';

const socket = io(process.argv[2] ?? 'http://127.0.0.1:3000', {
  transports: ['websocket'], // Polling needs the same worker for all requests of a session.
  retries: 10,
  ackTimeout: 5_000,
  reconnectionDelay: 10,
});
let running = true;
process.stdin.resume().on('end', () => {
  running = false;
});
for (let number = 1; running; number += 1) {
  console.log(await socket.emitWithAck('message', `message ${number}`));
  await delay(5);
}
socket.close();
