import type { Network, Request } from '../../src/index.ts';

/** Questions to ask of an input of which nothing else is known: its expectations, and everybody to everything. */
export function questionsOf({ cluster }: Network, most: number): readonly Request[] {
  const pods = [...cluster.pods.values()];
  const sources = [
    ...pods.map((p) => `${p.namespace}/pod/${p.name}`),
    ...[...cluster.nodes.keys()].map((n) => `node/${n}`),
    ...(cluster.gateway === null ? [] : ['internet']),
  ];
  const targets = [
    ...[...cluster.services.values()].flatMap((s) =>
      s.ports
        .map((p) => `${s.namespace}/svc/${s.name}:${p.port}/${p.protocol}`)
        .concat(s.ports.length === 0 ? [`${s.namespace}/svc/${s.name}`] : []),
    ),
    ...pods.flatMap((p) =>
      p.containers.flatMap((c) => c.ports.map((port) => `${p.namespace}/pod/${p.name}:${port.port}/${port.protocol}`)),
    ),
    ...pods.map((p) => `${p.namespace}/pod/${p.name}:7777`),
    ...[...cluster.nodes.keys()].map((n) => `node/${n}`),
    ...(cluster.gateway === null ? [] : ['8.8.8.8:53/udp']),
  ];
  const stated = cluster.expectations.flatMap(({ from, to, port, protocol }) =>
    from.names.flatMap((f) =>
      to.names.map((t) => ({
        source: f.text,
        destination: t.text,
        ...(port === null ? {} : { port }),
        ...(protocol === null ? {} : { protocol }),
      })),
    ),
  );
  const all = sources.flatMap((source) => targets.map((destination) => ({ source, destination })));
  // Spread over all of them, the same every time.
  const step = Math.max(1, Math.floor(all.length / most));
  return [...stated, ...all.filter((_, i) => i % step === 0)];
}
