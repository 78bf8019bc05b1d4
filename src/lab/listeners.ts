import type { Netns, Socket } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familyOf, type IpAddress, isLinkLocal, isLoopback } from '../net/address.ts';
import { isLocalAddress } from '../stage/address-type.ts';
import type { Trace } from '../trace/trace.ts';
import type { Agent } from './agent.ts';

interface Port {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/**
 * Small real listeners on all that the containers listen on. A namespace that may listen on anything does so on the ports that are called:
 * those of the services' endpoints, and those of the traces.
 */
export async function listenEverywhere(agent: Agent, cluster: Cluster, all: readonly Netns[], traces: readonly Trace[]): Promise<void> {
  const called = portsInPlay(cluster, traces);
  const calledAddresses = [...new Set(traces.flatMap((t) => t.question.target.addresses))];
  for (const netns of all) {
    const addresses = [...netns.devices.values()].flatMap((d) => d.addresses.map((a) => a.address)).filter((a) => !isLinkLocal(a));
    // Of a whole prefix that is its own, those that are called.
    addresses.push(...calledAddresses.filter((a) => isLocalAddress(netns, a) && !addresses.includes(a)));
    const done = new Set<string>();
    // One socket an address, not one for all: a datagram's answer must come from the address that was called.
    for (const socket of netns.sockets)
      for (const { protocol, port } of portsOf(socket, called))
        for (const address of socket.address === null ? addresses.filter((a) => hears(socket, a)) : [socket.address]) {
          const key = `${protocol} ${address} ${port}`;
          if (done.has(key) || !isOwn(address, addresses)) continue;
          done.add(key);
          await agent.listen(netns.name, protocol, address, port);
        }
  }
}

/** 0.0.0.0 is all addresses of IPv4 only. */
const hears = ({ family }: Socket, address: IpAddress) => family === undefined || family === familyOf(address);

/** An address that the namespace does not have cannot be listened on, and no packet gets there. All of 127.0.0.0/8 is its own. */
const isOwn = (address: IpAddress, own: readonly IpAddress[]) =>
  own.includes(address) || (familyOf(address) === 'IPv4' && isLoopback(address));

function portsOf({ protocol, port, except }: Socket, called: readonly Port[]): readonly Port[] {
  if (port === null) return called.filter((c) => except?.has(`${c.port} ${c.protocol}`) !== true);
  return protocol === 'tcp' || protocol === 'udp' ? [{ protocol, port }] : [];
}

function portsInPlay(cluster: Cluster, traces: readonly Trace[]): readonly Port[] {
  const ofServices = [...cluster.services.values()].flatMap((s) =>
    s.ports.flatMap((p) => [
      { protocol: p.protocol, port: p.port },
      ...(p.nodePort === null ? [] : [{ protocol: p.protocol, port: p.nodePort }]),
      ...p.endpoints.map((e) => ({ protocol: p.protocol, port: e.port })),
    ]),
  );
  const ofTraces = traces.flatMap(({ question: { target }, paths }) => [
    { protocol: target.protocol, port: target.port ?? 0 },
    // Rules may send a packet to another port than the one that is called.
    ...paths.map(({ forward: { packet } }) => ({ protocol: packet.protocol, port: packet.destinationPort })),
  ]);
  const all = [...ofServices, ...ofTraces].flatMap(({ protocol, port }): readonly Port[] =>
    port > 0 && (protocol === 'tcp' || protocol === 'udp') ? [{ protocol, port }] : [],
  );
  return [...new Map(all.map((p) => [`${p.protocol} ${p.port}`, p])).values()];
}
