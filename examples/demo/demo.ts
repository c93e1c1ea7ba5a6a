// Three deploys under load: starts the superdaemon, keeps requests coming, sends SIGHUP three times, and shows
// what the clients noticed. Exits with 1 if a single request went unanswered.
import { demonstrate } from './demonstrate.ts';
import { deployLine, introduction, painter, summary } from './view.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stop.abort(`stopped by ${name}`));
  }
  const timeLimit = setTimeout(() => stop.abort('stopped: this takes too long'), 30_000).unref();
  const paint = painter(process.stdout);
  try {
    const report = await demonstrate(stop, {
      started: (service) => console.log(introduction(service, paint)),
      deployed: (deploy) => console.log(deployLine(deploy, paint)),
    });
    console.log(summary(report, paint));
    return report.counts.ok === report.counts.requests ? 0 : 1;
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    clearTimeout(timeLimit);
  }
}
