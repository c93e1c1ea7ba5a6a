import fastify from 'fastify';

const app = fastify();
app.get('/', async () => `hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`);
process.on('SIGTERM', () => app.close());
await app.listen({ port: process.env.PORT ?? 3000, host: '0.0.0.0' });
