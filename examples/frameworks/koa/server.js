import Koa from 'koa';

const app = new Koa();
app.use((context) => {
  context.body = `hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`;
});
app.listen(process.env.PORT ?? 3000);
