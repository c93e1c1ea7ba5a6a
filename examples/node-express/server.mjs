import express from 'express';
import { serve } from 'superdaemon';

const app = express();
app.get('/', (_request, response) => {
  response.send(`hello from pid ${process.pid}, generation ${process.env.SERVER_STARTER_GENERATION}\n`);
});

// Not app.listen(): it knows neither descriptors nor when to go.
await serve(app, process.env.PORT ?? 8080);
