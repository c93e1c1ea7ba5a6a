import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Registry extends AsyncDisposable {
  readonly url: string;
}

interface Published {
  readonly version: string;
  readonly tarball: string;
}

/** A registry of npm that has nothing but the packages in these directories, packed as they lie there. */
export async function startRegistry(packages: readonly string[], storage: string): Promise<Registry> {
  const documents = new Map(packages.map((directory) => [nameOf(directory), publish(directory, storage)]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const tarball = [...documents.values()].find((each) => each.tarball === path)?.tarball;
    if (tarball !== undefined) return void response.end(readFileSync(join(storage, tarball)));
    const published = documents.get(path);
    if (published === undefined) return void response.writeHead(404).end('{}');
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(packument(path, published, `http://${request.headers.host}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // Neither a path nor closed.
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function nameOf(directory: string): string {
  return manifest(directory).name;
}

function manifest(directory: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

function publish(directory: string, storage: string): Published & { readonly manifest: object } {
  const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', storage, directory];
  const printed = execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ filename }] = JSON.parse(printed);
  const described = manifest(directory);
  return { version: described.version, tarball: filename, manifest: described };
}

function packument(name: string, { version, tarball, manifest }: ReturnType<typeof publish>, origin: string) {
  const dist = { tarball: `${origin}/${tarball}` };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}
