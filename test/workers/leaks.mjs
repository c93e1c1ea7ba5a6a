// Serves by the library, holds more with each request, and after some of them asks to be replaced.
import { replace, serve } from 'superdaemon';

const hoard = [];

await serve((_request, response) => {
  hoard.push(Buffer.alloc(100_000, 1));
  if (hoard.length === 30) replace();
  response.end(`generation ${process.env.SERVER_STARTER_GENERATION} ${process.pid}\n`);
});
