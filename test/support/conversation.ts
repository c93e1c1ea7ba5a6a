import { execa } from 'execa';
import { processTree } from './process-tree.ts';

export interface ConversationReport {
  /** The numbers of the messages that were answered, in the order of the answers. */
  readonly answered: readonly number[];
  /** What the client complained of. */
  readonly complaints: string;
}

export interface Conversation extends AsyncDisposable {
  /** Which generations have answered so far. */
  readonly generations: () => ReadonlySet<number>;
  /** Waits for the answer to its last message. */
  readonly stop: () => Promise<ConversationReport>;
}

/** A client in a process of its own, which writes a line for each answer and ends with its standard input. */
export function startConversation(script: string, url: string): Conversation {
  const tree = processTree();
  const lines: string[] = [];
  const client = execa(process.execPath, [script, url], {
    env: tree.env,
    reject: false,
    buffer: { stdout: false },
  });
  const read = (async () => {
    for await (const line of client.iterable()) lines.push(String(line));
  })();
  const matches = () => lines.map((line) => /^message (\d+) answered by generation (\d+)$/.exec(line) ?? []);
  return {
    generations: () => new Set(matches().map(([, , generation]) => Number(generation))),
    stop: async () => {
      client.stdin.end();
      await read;
      const { stderr } = await client;
      return { answered: matches().map(([, number]) => Number(number)), complaints: stderr };
    },
    [Symbol.asyncDispose]: tree.end,
  };
}
