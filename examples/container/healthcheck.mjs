// Exits 0 when the application answers; slim images have no curl.
const { PORT = '8080' } = process.env;
const { ok } = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(2_000) });
process.exitCode = ok ? 0 : 1;
