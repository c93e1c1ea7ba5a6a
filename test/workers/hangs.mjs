// Serves by the library; a request for /hang blocks the event loop for ever.
import { serve } from 'superdaemon';

await serve((request, response) => {
  while (request.url === '/hang') {
    // As a regular expression gone wild would.
  }
  response.end(`generation ${process.env.SERVER_STARTER_GENERATION} ${process.pid}\n`);
});
