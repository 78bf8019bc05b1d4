import type { Netns } from '../datapath/netns.ts';
import type { Context } from '../diagnose/context.ts';
import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import type { Action, HttpPlan } from '../k8s/http/http.ts';
import type { Endpoint } from '../k8s/service.ts';
import { FAMILIES, familyOf, type IpAddress, type IpFamily, parseAddress } from '../net/address.ts';
import { findAddress } from '../query/find-address.ts';
import type { Question, Source } from '../query/question.ts';
import { sourceTowards } from '../stage/routing.ts';
import type { Flow, FlowPath } from '../walk/flow-path.ts';
import { explain } from './explain.ts';
import type { Leg, ProxiedPath } from './leg.ts';
import { unresolved } from './no-address.ts';
import { connect } from './no-packet.ts';
import { type Controller, failsBehind, type Join, reaches } from './proxied-path.ts';

/** The connection that a controller starts to a backend. */

type Forward = Extract<Action, { kind: 'forward' }>;

/** Controllers send to endpoints, and not to the service's address: no rule of kube-proxy takes part. */
export function toEndpoint(leg: Leg, controller: Controller, plan: HttpPlan, action: Forward, endpoint: Endpoint): readonly ProxiedPath[] {
  const flow = flowTo(leg, controller, endpoint.ip, endpoint.port);
  const { service, port } = action;
  const target = { protocol: 'tcp', port: port.port, addresses: [endpoint.ip], notes: [], servicePort: port, missing: null } as const;
  const question = { ...secondQuestion(leg, controller, flow), destination: { kind: 'service', service }, target } as const;
  return onwards({ leg, controller, plan, action, endpoint }, question, connect(question, flow));
}

/** ingress-nginx looks the name of an ExternalName up itself, as its pod does, and connects to what it gets. */
export function toName(leg: Leg, controller: Controller, plan: HttpPlan, action: Forward, name: string): readonly ProxiedPath[] {
  const { cluster, question } = leg.context;
  const { addresses, resolution } = lookUp(leg, controller, action, name);
  const port = Number(action.port.targetPort);
  const [first] = addresses;
  const joining = { leg, controller, plan, action };
  const common = { protocol: 'tcp', port, addresses, notes: [], servicePort: null } as const;
  if (first === undefined) {
    const asked = flowTo(leg, controller, leg.path.forward.packet.destination, port);
    const nowhere = { destination: { kind: 'name', name }, resolution, target: { ...common, missing: 'name' } } as const;
    const unknown: Question = { ...secondQuestion(leg, controller, asked), family: question.family, ...nowhere };
    return onwards({ ...joining, endpoint: null }, unknown, [unresolved(unknown, controller.netns)]);
  }
  return addresses.flatMap((ip) => {
    const flow = flowTo(leg, controller, ip, port);
    const found = findAddress(cluster, ip);
    const destination = found.ok ? found.value : ({ kind: 'address', address: ip, owner: null } as const);
    const to: Question = { ...secondQuestion(leg, controller, flow), destination, resolution, target: { ...common, missing: null } };
    const each = connect(to, flow).map((p) => ({ ...p, probability: p.probability / addresses.length }));
    return onwards({ ...joining, endpoint: { ip, port, pod: null } }, to, each);
  });
}

interface Answer {
  readonly addresses: readonly IpAddress[];
  readonly resolution: Resolution | null;
}

/** In the family that the client came by, if the name has an address of it. A name that is an address is called as it is. */
function lookUp({ context: { cluster, question } }: Leg, { pod }: Controller, { service }: Forward, name: string): Answer {
  const address = parseAddress(name);
  if (address !== null) return { addresses: [address], resolution: null };
  const answers = [question.family, ...FAMILIES.filter((f) => f !== question.family)].map((family: IpFamily): Answer => {
    const resolution = resolve(cluster, { kind: 'pod', pod }, name, family);
    const { found } = resolution;
    if (found.kind === 'addresses') return { addresses: found.addresses, resolution };
    return {
      addresses: [],
      resolution: found.kind === 'unknown' ? { ...resolution, found: { ...found, aliases: [service] } } : resolution,
    };
  });
  return answers.find((a) => a.addresses.length > 0) ?? answers[0] ?? { addresses: [], resolution: null };
}

function flowTo({ path }: Leg, { netns, process }: Controller, destination: IpAddress, port: number): Flow {
  const source = sourceTowards(netns, destination) ?? path.forward.packet.destination;
  return { netns, process, source, destination, port, protocol: 'tcp', size: null };
}

/** Its rule is that of the first connection: nobody answers this one by HTTP here. */
function secondQuestion({ context: { question } }: Leg, { netns }: Controller, flow: Flow): Omit<Question, 'destination' | 'target'> {
  return { ...question, family: familyOf(flow.destination), source: sourceOf(netns, flow), resolution: null, http: null };
}

const sourceOf = (netns: Netns, { source, process }: Flow): Source => ({
  kind: netns.name === netns.node ? 'Node' : 'Pod',
  namespace: null,
  name: netns.name,
  container: null,
  node: netns.node,
  netns: netns.name,
  ip: source,
  process,
  assumedOutside: false,
});

function onwards(joining: Omit<Join, 'second'>, question: Question, raw: readonly FlowPath[]): readonly ProxiedPath[] {
  const { leg } = joining;
  const context: Context = { ...leg.context, question };
  return raw.map((one) => {
    const second = { context, path: explain(context, { ...one, probability: leg.path.probability * one.probability }) };
    return second.path.reason === null ? reaches({ ...joining, second }) : failsBehind({ ...joining, second });
  });
}
