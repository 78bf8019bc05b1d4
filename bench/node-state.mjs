// node bench/node-state.mjs [services]: what a node's rules take to be read, and then to be traced through, by the CPU of fresh processes.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadNetwork, traceRequest } from '../dist/index.js';
import { address, save } from './iptables.mjs';
import { listing } from './nft.mjs';

const FORMS = {
  'iptables-save, 5 rules a service': save,
  'nft list ruleset, 4 rules and 2 elements a service': listing,
};

function timed(work) {
  const before = process.cpuUsage();
  const made = work();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, made];
}

const bytes = (text) => new TextEncoder().encode(text);
const topology = {
  apiVersion: 'k8s-trace/v1',
  kind: 'Topology',
  cluster: { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12' },
  nodes: [{ name: 'node-1', ip: '192.168.1.11', podCIDR: '10.244.0.0/16' }],
  pods: [
    { name: 'a', node: 'node-1', ip: '10.244.200.1' },
    { name: 'b', node: 'node-1', ip: '10.244.1.2' },
  ],
};
const input = { name: 'cluster.json', bytes: bytes(JSON.stringify(topology)) };
const load = (options) => {
  const loaded = loadNetwork([input], options);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return loaded.value;
};

/** In this process, which does nothing else: the time to read, and that of traces, the first of them apart. */
function once(form, services) {
  const files = [{ name: 'node-1/state', bytes: bytes(FORMS[form](services)) }];
  const [without] = timed(() => load({}));
  const [reading, network] = timed(() => load({ nodeState: [{ node: 'node-1', files }] }));
  const ask = (i) => timed(() => traceRequest(network, { source: 'pod/a', destination: `${address('10.96', i)}:80` }));
  const traces = Array.from({ length: 50 }, (_, i) => {
    // The first is to a pod that is there, and delivered.
    const [time, answer] = ask(i === 0 ? 257 : ((i * 199) % services) + 1);
    if (!answer.ok) throw new Error(answer.message);
    return time;
  });
  return { reading: reading - without, first: traces[0], later: median(traces.slice(1)) };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const [services = '10000', form] = process.argv.slice(2);
if (form !== undefined) console.log(JSON.stringify(once(form, Number(services))));
else
  for (const name of Object.keys(FORMS)) {
    const runs = Array.from({ length: 9 }, () =>
      JSON.parse(spawnSync(process.execPath, [fileURLToPath(import.meta.url), services, name], { encoding: 'utf8' }).stdout),
    );
    const of = (key, digits) => median(runs.map((r) => r[key])).toFixed(digits);
    console.log(
      `  ${Number(services).toLocaleString('en')} services, ${name}: read in ${of('reading', 0)} ms (at most 1,000), the first trace ${of('first', 1)} ms (at most 5), later ones ${of('later', 2)} ms; medians of ${runs.length} processes`,
    );
  }
