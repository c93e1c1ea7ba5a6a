import { once } from 'node:events';
import { execa } from 'execa';
import { asOrdinaryUser } from './ordinary-user.ts';
import { kill } from './process-tree.ts';

// Another user, where the tests run as root; elsewhere it is ours, whose locks count.

export interface Stranger extends AsyncDisposable {
  readonly pid: number;
}

/**
 * Keeps the lock of a file or a directory, for which it need only be readable, and of all that comes in its place: `sh` for
 * shared, `ex` for exclusive.
 */
export async function strangerLocking(path: string, how: 'sh' | 'ex'): Promise<Stranger> {
  const script = `use Fcntl ':flock'; $| = 1; sysopen my $f, $ARGV[0], 0 or die $!;
    my $how = $ARGV[1] eq 'sh' ? LOCK_SH : LOCK_EX;
    flock $f, $how or die $!; print "locked\n";
    my @kept = $f;
    while (1) {
      if (sysopen my $next, $ARGV[0], 0) { push @kept, $next if flock $next, $how | LOCK_NB }
      select undef, undef, undef, 0.0005;
    }`;
  const [command = '', ...words] = [...asOrdinaryUser, 'perl', '-e', script, path, how];
  const locking = execa(command, words, { reject: false, stdin: 'ignore', stderr: 'inherit' });
  await once(locking.stdout, 'data');
  return { pid: locking.pid ?? 0, [Symbol.asyncDispose]: () => ended(locking) };
}

/** A process that lives, and that nobody under test has any business with. */
export function bystander(): Stranger & { readonly lives: () => boolean } {
  const sleeping = execa('sleep', ['1000'], { reject: false, stdio: 'ignore' });
  return {
    pid: sleeping.pid ?? 0,
    lives: () => sleeping.exitCode === null && sleeping.signalCode === null,
    [Symbol.asyncDispose]: () => ended(sleeping),
  };
}

/** … of another user, with this environment and this descriptor, whose parent has ended. */
export async function decoy(env: Readonly<Record<string, string>>, fd: number): Promise<Stranger> {
  const [command = '', ...words] = [...asOrdinaryUser, 'sh', '-c', 'sleep 1000 & echo $!'];
  // Execa takes any descriptor, but its types know only the small numbers.
  const stdio = ['ignore', 'pipe', 'inherit', fd as 9] as const;
  const starting = execa(command, words, { env, extendEnv: false, stdio, buffer: false });
  const [first] = await once(starting.stdout, 'data');
  const pid = Number(String(first));
  return {
    pid,
    [Symbol.asyncDispose]: async () => {
      kill(pid);
      await starting;
    },
  };
}

async function ended(process: PromiseLike<unknown> & { kill(signal: 'SIGKILL'): unknown }): Promise<void> {
  process.kill('SIGKILL');
  await process;
}
