import { defineEventHandler } from 'h3';

export default defineEventHandler(() => `hello from generation ${process.env.SERVER_STARTER_GENERATION}\n`);
