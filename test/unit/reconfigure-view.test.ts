import { describe, expect, it } from 'vitest';
import { deployView } from '../../src/client/deploy-view.ts';
import { reconfigureView } from '../../src/client/reconfigure-view.ts';
import type { LogEvent } from '../../src/superdaemon/log-event.ts';

const reconfigured: LogEvent = { event: 'reconfigured', words: ['--', 'server'] };
const refused: LogEvent = { event: 'request-refused', request: 7, reason: 'the superdaemon is stopping' };

function seen(...events: readonly LogEvent[]) {
  const deploy = deployView({ request: 7, waitOld: true, left: [] });
  const view = reconfigureView({ superdaemon: 4711, deploy });
  for (const event of events) view.take(event);
  return view;
}

describe('a client with new options', () => {
  it('waits for the superdaemon to be replaced, then for the deploy', () => {
    expect(seen().describe()).toBe('superdaemon 4711 has not been replaced');
    expect(seen(reconfigured).describe()).toBe('the request has not been taken up yet');
  });

  it('is told whether the options are in force, where it has failed', () => {
    const reason = 'the superdaemon is stopping';
    expect(seen(refused).result()).toEqual({ kind: 'failed', reason });
    expect(seen(reconfigured, refused).result()).toEqual({
      kind: 'failed',
      reason: `the options are new, the workers are not: ${reason}`,
    });
  });
});
