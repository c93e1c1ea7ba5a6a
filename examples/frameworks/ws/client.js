// node client.js URL: sends one message after the other until its standard input ends. When the server goes away it comes
// back, and says again what was not answered.
import { WebSocket } from 'ws';

const url = process.argv[2] ?? 'ws://127.0.0.1:3000';
let number = 1;
let running = true;
let done = false;

function connect() {
  const socket = new WebSocket(url);
  const send = () => socket.send(`message ${number}`);
  socket.on('open', send);
  socket.on('message', (answer) => {
    console.log(String(answer));
    number += 1;
    if (running) return setTimeout(send, 5);
    done = true;
    socket.close();
  });
  socket.on('error', (error) => console.error(String(error)));
  socket.on('close', () => {
    if (!done) connect();
  });
}

process.stdin.resume().on('end', () => {
  running = false;
});
connect();
