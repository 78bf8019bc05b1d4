import { describe, expect, it } from 'vitest';
import { BUILT_IN, loadNetwork } from '../../src/index.ts';
import { type Frame, startAgent } from '../../src/lab/agent.ts';
import { readHeader } from '../../src/lab/header.ts';
import { build, inside, startLab } from '../../src/lab/holder.ts';
import { allNetns } from '../../src/lab/names.ts';
import { labScript } from '../../src/lab/script.ts';
import { formatAddress, ip } from '../../src/net/address.ts';
import { inIpv6, topologyInIpv6 } from './ipv6.ts';
import { machine, whyNot } from './machine.ts';

/** tcpdump gives up root before it captures, which a user namespace does not allow: then it cannot be asked. */
const noTcpdump = machine.uid !== 0 ? 'tcpdump needs root' : machine.has('tcpdump') ? null : 'there is no tcpdump';
const reason = whyNot ?? noTcpdump;

const TYPES: Readonly<Record<number, string>> = { 0: 'In', 3: 'P', 4: 'Out' };

/** A frame as `tcpdump -ni any` has it: device, direction, addresses and ports. */
function asTcpdump({ device, type, bytes }: Frame): string {
  const h = readHeader(bytes);
  if (h === null) throw new Error('a frame that the lab passes over');
  return `${device} ${TYPES[type]} ${formatAddress(h.source)}.${h.sourcePort} > ${formatAddress(h.destination)}.${h.destinationPort}`;
}

describe.skipIf(reason !== null)(`the lab's own capture beside tcpdump's${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  it.each([
    ['a pod on the same bridge', '10.244.1.11', 8080],
    ['a pod on another node', '10.244.2.10', 8080],
    ['a service', '10.96.0.11', 80],
    ['a pod on another node, with IPv6', inIpv6('10.244.2.10'), 8080],
    ['a service, with IPv6', inIpv6('10.96.0.11'), 80],
  ] as const)('sees the same on a node: %s', async (_name, address, port) => {
    const isIpv6 = address.includes(':');
    const loaded = loadNetwork([{ name: 'b.yaml', bytes: new TextEncoder().encode(isIpv6 ? topologyInIpv6(BUILT_IN) : BUILT_IN) }]);
    if (!loaded.ok) throw new Error('the built-in cluster is refused');
    const { lab, holder } = await startLab(machine, 'verify-capture');
    try {
      await build(machine, lab, labScript(loaded.value.cluster, allNetns(loaded.value.cluster, loaded.value.datapath)));
      const agent = startAgent(machine, lab);
      for (const pod of ['10.244.1.11', '10.244.2.10', '10.244.2.11'])
        await agent.listen(
          pod === '10.244.1.11' ? 'default/pod-b' : pod === '10.244.2.10' ? 'default/pod-c' : 'default/pod-d',
          'tcp',
          ip(isIpv6 ? inIpv6(pod) : pod),
          8080,
        );
      const shot = { netns: 'default/pod-a', protocol: 'tcp', destination: ip(address), port, size: 0 } as const;
      await agent.fire({ ...shot, sourcePort: 39999 }, 2000);
      // Room for all of them: with whole packets kept, tcpdump's buffer holds eight.
      const command = ['sh', '-c', 'exec nsenter --net=/run/netns/node-1 tcpdump --immediate-mode -s 256 -l -nni any 2>&1'];
      const tcpdump = machine.open(inside(lab, command));
      for (let line = await tcpdump.line(); line !== null && !line.includes('listening on'); line = await tcpdump.line());
      await agent.capture('node-1');
      const { frames: all, saw } = await agent.fire({ ...shot, sourcePort: 40000 }, 2000);
      // IPv6 looks for neighbours and groups by packets like others, which the lab passes over.
      const frames = all.filter(({ bytes }) => readHeader(bytes) !== null);
      expect(saw).toBe('answer');
      const lines: string[] = [];
      while (lines.length < frames.length) {
        const line = (await tcpdump.line()) ?? '(tcpdump has ended).40000';
        // What else is on the wire, as ARP, the agent does not keep.
        if (line.includes('.40000')) lines.push(line);
      }
      expect(lines.map((l) => /^\S+ (\S+) +(In|Out|P) +IP6? (\S+ > \S+):/.exec(l)?.slice(1).join(' ') ?? l)).toEqual(frames.map(asTcpdump));
      expect(frames.length).toBeGreaterThan(10);
      await agent.close();
    } finally {
      await holder.close();
    }
  });
});
