import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDrift } from '../../src/drift/index.ts';
import { type DriftDocument, loadNetwork } from '../../src/index.ts';
import { build, inside, type Lab, startLab } from '../../src/lab/holder.ts';
import { allNetns, fileOf } from '../../src/lab/names.ts';
import { labScript } from '../../src/lab/script.ts';
import { byCause } from '../../src/render/drift-words.ts';
import { FORMS, printedOn } from './collected.ts';
import { BOTH, BRIDGE, type Broken, TOGETHER, TUNNEL } from './drift-faults.ts';
import { machine, whyNot } from './machine.ts';

/**
 * The law of drift's advice: something is broken on a node in a real kernel, drift says what, and after its commands, run there as they are printed, it says `same`. What
 * a program is to write again is given back as it was saved, which is what the program does.
 */

const WORLDS: readonly (readonly [string, readonly Broken[]])[] = [
  ['kernel/host-port.yaml', BRIDGE],
  ['kernel/flannel-vxlan.yaml', TUNNEL],
  ['ipv6/dual-stack.yaml', BOTH],
  ['kernel/host-port.yaml', TOGETHER],
];

const SERVICES = `services:
  - { name: web, clusterIP: 10.96.0.10, type: NodePort, selector: { app: web }, ports: [ { name: http, port: 80, targetPort: http, nodePort: 30080 } ] }
internet:`;

function inputOf(fixture: string) {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures', fixture), 'utf8');
  return [
    { name: 'cluster.yaml', bytes: new TextEncoder().encode(text.includes('services:') ? text : text.replace('internet:', SERVICES)) },
  ];
}

function networkOf(fixture: string, nodeState?: Awaited<ReturnType<typeof printedOn>>) {
  const loaded = loadNetwork(inputOf(fixture), nodeState === undefined ? {} : { nodeState });
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  return loaded.value;
}

const PAIRS = {
  from: [],
  to: [],
  ports: [],
  protocol: null,
  family: null,
  namespace: 'default',
  isWithin: false,
  pods: true,
  anyPort: false,
  blocked: false,
} as const;

async function driftIn(fixture: string, lab: Lab, size?: number): Promise<DriftDocument> {
  const network = networkOf(fixture, await printedOn(lab, ['node-1', 'node-2'], [...FORMS.text, 'iptables-legacy-save']));
  const drift = findDrift(network, {
    node: null,
    pairs: PAIRS,
    expectations: false,
    force: false,
    ...(size === undefined ? {} : { size }),
  });
  if (!drift.ok) throw new Error(drift.message);
  return drift.value;
}

async function onNode(lab: Lab, script: string): Promise<string> {
  const { stdout, stderr, status } = await machine.run(
    inside(lab, ['nsenter', `--net=/run/netns/${fileOf('node-1')}`, 'sh', '-es']),
    script,
  );
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

const restoresOf = ({ flows }: DriftDocument) => flows.flatMap((f) => (f.cause === null ? [] : [f.cause.restore]));

/** From above to below, as they are printed: once for each cause. */
function advised(document: DriftDocument): readonly string[] {
  const causes = byCause(document).flatMap(({ cause }) => cause ?? []);
  return causes.flatMap(({ restore }, i) =>
    restore.commands.filter((command) => !causes.slice(0, i).some((before) => before.restore.commands.includes(command))),
  );
}

/** What programs of the node would write again. */
const SAVED = ['iptables-save', 'ip6tables-save'];
const ENTRIES = `ip neigh show nud permanent | sed 's/^/ip neigh replace /; s/ PERMANENT.*/ nud permanent/'
for dev in $(ip -o link show type vxlan | cut -d: -f2); do bridge fdb show dev "$dev" | sed "s/^/bridge fdb replace /; s/ self permanent/ dev $dev/"; done`;

describe.skipIf(whyNot !== null)(`advice of drift in the kernel${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it.each(WORLDS)('%s', async (fixture, faults) => {
    const { cluster, datapath } = networkOf(fixture);
    const { lab, holder } = await startLab(machine, 'verify-drift');
    try {
      await build(machine, lab, labScript(cluster, allNetns(cluster, datapath)));
      const rules = await Promise.all(SAVED.map((command) => onNode(lab, command)));
      const entries = await onNode(lab, ENTRIES);
      const again = [...SAVED.map((c, i) => `${c.replace('save', 'restore')} <<'EOF'\n${rules[i]}EOF`), entries].join('\n');
      for (const { title, command, cause, left, size } of faults) {
        await onNode(lab, command);
        const broken = await driftIn(fixture, lab, size);
        expect(broken.outcome, title).toBe('different');
        for (const flow of broken.flows)
          expect(flow.cause, `${title}: ${JSON.stringify(flow)}`).toMatchObject({ node: 'node-1', ...cause });
        const commands = advised(broken);
        const isWritten = restoresOf(broken).some((r) => r.by !== null);
        await onNode(lab, [...commands, ...(isWritten ? [again] : [])].join('\n'));
        const mended = await driftIn(fixture, lab, size);
        expect([mended.outcome, mended.flows], `${title}, after ${commands.join('; ')}`).toEqual(['same', []]);
        if (left !== undefined) await onNode(lab, left);
      }
    } finally {
      await holder.close();
    }
  });
});
