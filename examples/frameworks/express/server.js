import express from 'express';

const app = express();
app.get('/', (_request, response) => {
  response.send(`hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`);
});
app.listen(process.env.PORT ?? 3000);
