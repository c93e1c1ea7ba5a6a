export const load = () => ({ generation: process.env.SERVER_STARTER_GENERATION });
