// No cluster takes the manifest here: it is parsed, and held against the Containerfile.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { expect, it } from 'vitest';
import { execForm, instructions, lastOf } from '../support/containerfile.ts';
import { describePeer } from '../support/peer.ts';

const example = fileURLToPath(new URL('../../examples/container', import.meta.url));
const toJson = 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)';

describePeer('the Kubernetes manifest (parsed, not applied)', ['python3'], () => {
  it('is one Deployment whose ports, probes and volumes belong together and fit the image', () => {
    const image = instructions(`${example}/Containerfile`);
    const [deployment, ...others] = parse(readFileSync(`${example}/deployment.yaml`, 'utf8'));
    expect(others).toEqual([]);
    expect(deployment).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
    const { selector, template } = deployment.spec;
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    const [container] = template.spec.containers;
    expect(container.ports).toEqual([{ name: 'http', containerPort: Number(lastOf(image, 'EXPOSE')) }]);
    for (const probe of [container.readinessProbe, container.livenessProbe]) {
      expect(probe.httpGet).toEqual({ path: '/healthz', port: 'http' });
    }
    expect(container.volumeMounts.map(({ name }: Named) => name)).toEqual(
      template.spec.volumes.map(({ name }: Named) => name),
    );
    const written = execForm(lastOf(image, 'ENTRYPOINT')).filter((word) =>
      /^--(pid|status)-file=/.test(word),
    );
    const directories = written.map((word) => dirname(word.split('=')[1] ?? ''));
    const [mounted] = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(directories).toEqual([mounted, mounted]);
  });
});

interface Named {
  readonly name: string;
}

interface Container {
  readonly ports: readonly object[];
  readonly readinessProbe: { readonly httpGet: object };
  readonly livenessProbe: { readonly httpGet: object };
  readonly volumeMounts: readonly (Named & { readonly mountPath: string })[];
}

interface Deployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: { readonly containers: readonly [Container]; readonly volumes: readonly Named[] };
    };
  };
}

/** The shape is what the test then expects of it. */
function parse(yaml: string): [Deployment, ...unknown[]] {
  return JSON.parse(execaSync('python3', ['-c', toJson], { input: yaml }).stdout);
}
