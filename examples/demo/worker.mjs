// A small HTTP server for the demo: serves the socket that it inherits, says which generation it is, and loses no request
// when it is told to go.
import { serve } from 'superdaemon';

await serve((_request, response) => {
  const body = `hello from pid ${process.pid}, generation ${process.env.SERVER_STARTER_GENERATION}\n`;
  // A little work, so that each deploy finds requests under way.
  setTimeout(() => response.end(body), 5);
});
