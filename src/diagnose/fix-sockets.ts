import { endpointsIn, isHeadless } from '../k8s/families.ts';
import type { Container, ListenAddress, Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { familyOf, formatAddress, formatEndpoint, type IpAddress, type IpFamily, UNSPECIFIED } from '../net/address.ts';
import { type Packet, packetFamily } from '../net/packet.ts';
import { append, type Edit, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { named } from '../source/sentence.ts';
import { orList } from '../source/suggest.ts';
import { calledService } from './context.ts';
import { notOnThisAddress } from './fix-node-port.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';
import { selectedTooMuch } from './selected-too-much.ts';

/** The change where no process listens on the port, or on another address only. */

export const nobodyListens: Fixer = (scene) => {
  const { context, path, service } = scene;
  const { forward } = path;
  const pod = context.cluster.pods.get(forward.netns.name);
  if (pod === undefined) return notOnThisAddress(scene);
  const { destinationPort, protocol } = forward.packet;
  const bound = pod.containers.flatMap((c) => c.listen).find((l) => l.port === destinationPort && l.protocol === protocol);
  if (bound?.family === 'IPv4')
    return [
      edited(
        `let the process listen on [::] instead (${place(bound.locus)}): that is both families, 0.0.0.0 is IPv4 only`,
        listenOn(bound, UNSPECIFIED.IPv6),
      ),
    ];
  if (bound?.address != null)
    return [
      edited(
        `let the process listen on ${allAddresses(bound.address)} instead (${place(bound.locus)})`,
        listenOn(bound, UNSPECIFIED[familyOf(bound.address)]),
      ),
      called(`or call ${formatEndpoint(bound.address, bound.port)}`, bound.address, bound),
    ];
  return service === null ? ofPod(pod, forward.packet) : ofService(scene, service, pod, forward.packet);
};

/** The socket that is stated at a place, on all addresses. */
const listenOn = ({ port, protocol, locus }: Pick<ListenAddress, 'port' | 'protocol' | 'locus'>, all: IpAddress): Edit =>
  set(locus, `${formatEndpoint(all, port)}${protocol === 'tcp' ? '' : `/${protocol}`}`);

function ofPod(pod: Pod, packet: Packet): readonly Fix[] {
  const { there, choices } = whatAnswers(pod, packet);
  const [first] = choices;
  if (there === null) return [declaring(pod, packet, named(`${pod.name} listens on nothing (${place(pod.locus)}): start the process`))];
  if (first === undefined) return [declaring(pod, packet, named(`${there}: ${declaration(packet)}`))];
  return [
    called(named(`${there}: call ${choiceOf(choices)}`), packet.destination, first),
    declaring(pod, packet, `or ${declaration(packet)}`),
  ];
}

function ofService(scene: Scene, service: Service, pod: Pod, packet: Packet): readonly Fix[] {
  const { there, choices, others } = whatAnswers(pod, packet);
  const tooMany = selectedTooMuch(scene, service, pod);
  const port = portOf(scene, service, packet);
  if (there === null) {
    const stop = `${pod.name} listens on nothing (${place(pod.locus)}): start the process, or take the pod out of ${stale(service, pod, packetFamily(packet))}`;
    return [declaring(pod, packet, named(stop)), ...tooMany];
  }
  const [choice] = choices;
  if (choice === undefined) {
    const [other] = others;
    if (other === undefined || port === null) return [declaring(pod, packet, named(`${there}: ${declaration(packet)}`)), ...tooMany];
    return [declaring(pod, packet, named(`${there}: ${declaration(packet)}`)), ...tooMany, ...otherProtocol(service, port, other)];
  }
  if (isHeadless(service))
    return [
      called(
        named(
          `${there}: call ${choiceOf(choices)}; service ${service.name} is headless (${place(service.locus)}), and its port is not translated`,
        ),
        packet.destination,
        choice,
      ),
    ];
  if (tooMany.length > 0) return [...tooMany, declaring(pod, packet, named(`${there}: or ${declaration(packet)}`))];
  return [otherTarget(service, port, pod, packet, there, choices)];
}

/** The endpoint's port, where it is stated, else the service's targetPort. */
function otherTarget(
  service: Service,
  port: ServicePort | null,
  pod: Pod,
  packet: Packet,
  there: string,
  choices: readonly Listening[],
): Fix {
  const [choice] = choices;
  const endpoint = service.ports
    .filter((p) => p.explicitEndpoints !== null)
    .flatMap((p) => endpointsIn(p, packetFamily(packet)).find((e) => e.pod === pod) ?? [])[0];
  const words = named(
    endpoint === undefined
      ? `${there}: set the targetPort of service ${service.name} to ${numbersOf(choices)} (${place(service.locus)})`
      : `${there}: set the port of its stated endpoint to ${numbersOf(choices)} (${place(endpoint.locus)}), for service ${service.name}`,
  );
  if (choice === undefined) return advised('choice', words);
  if (endpoint !== undefined) return edited(words, set(at(endpoint.locus, 'port'), choice.port));
  return port === null ? advised('choice', words) : edited(words, set(at(port.locus, 'targetPort'), choice.port));
}

function otherProtocol(service: Service, port: ServicePort, { protocol }: Listening): readonly Fix[] {
  const wanted = protocol.toUpperCase();
  const words = `or, if it is ${wanted} that is meant, set protocol: ${wanted} for the port of service ${service.name} (${place(port.locus)}), and call it so`;
  return [advised('choice', words)];
}

/** The port of the service that was called. */
function portOf({ context: { cluster }, path }: Scene, service: Service, packet: Packet): ServicePort | null {
  const [sent] = path.forward.hops;
  const entry = sent === undefined ? null : calledService(cluster, sent.packet);
  if (entry?.service === service && entry.port !== null) return entry.port;
  return service.ports.find((p) => p.endpoints.some((e) => e.ip === packet.destination && e.port === packet.destinationPort)) ?? null;
}

const declaration = ({ destinationPort, protocol }: Packet) =>
  `add containerPort: ${destinationPort}${protocol === 'tcp' ? '' : `, protocol: ${protocol.toUpperCase()}`} to a container`;

function declaring({ containers }: Pod, { destinationPort, protocol }: Packet, words: Parameters<typeof edited>[0]): Fix {
  const [container] = containers;
  if (container === undefined) return advised('elsewhere', words);
  const port = { containerPort: destinationPort, ...(protocol === 'tcp' ? {} : { protocol: protocol.toUpperCase() }) };
  return edited(words, append(at(container.locus, 'ports'), port));
}

type Listening = Pick<Container['ports'][number], 'port' | 'protocol'> & { readonly address: IpAddress | null };

/** The sockets that a pod listens on, in words (null: nothing); those that answer on the address and with the protocol that was called, and the rest. */
function whatAnswers(pod: Pod, { destination, protocol }: Packet) {
  const sockets: readonly Listening[] = pod.containers.flatMap((c) => [...c.ports.map((p) => ({ ...p, address: null })), ...c.listen]);
  const shown = [...new Set(sockets.map((s) => `${textOf(s)}${only(s.address, destination)}`))];
  const answers = sockets.filter((s) => only(s.address, destination) === '' && s.protocol === protocol);
  return {
    there: shown.length === 0 ? null : `${pod.name} listens on ${shown.join(', ')} (${place(pod.locus)})`,
    choices: answers,
    others: sockets.filter((s) => s.protocol !== protocol),
  };
}

const textOf = ({ port, protocol }: Listening) => `${port}/${protocol}`;
const choiceOf = (choices: readonly Listening[]) => orList([...new Set(choices.map(textOf))]);
/** The ports as numbers for a targetPort, whose protocol is the service port's. */
const numbersOf = (choices: readonly Listening[]) => orList([...new Set(choices.map((c) => String(c.port)))]);
const only = (bound: IpAddress | null, called: IpAddress) => (bound === null || bound === called ? '' : ` at ${formatAddress(bound)} only`);

/** Stated endpoints may be behind: their pod is going, and they still get traffic. */
function stale(service: Service, pod: Pod, family: IpFamily): string {
  const endpoint = service.ports.flatMap((p) => endpointsIn(p, family)).find((e) => e.pod === pod);
  if (endpoint === undefined) return 'the service';
  const late = pod.terminating ? '; in a cluster: a preStop hook that waits, so that its endpoint goes before its process' : '';
  return `service ${service.name} (${place(endpoint.locus)})${late}`;
}

const allAddresses = (a: IpAddress) => formatAddress(UNSPECIFIED[familyOf(a)]);

export const onLoopback: Fixer<'LISTENS_ON_LOOPBACK'> = ({ origin, netns, destination, facts, context: { cluster } }) => {
  const words = `let the process listen on ${allAddresses(destination)} instead of a loopback address (${place(origin.locus)})`;
  const { port, protocol } = facts.called;
  const { locus } = origin;
  return [
    locus === null || protocol === 'icmp'
      ? advised('elsewhere', words)
      : edited(words, listenOn({ port, protocol, locus }, UNSPECIFIED[familyOf(destination)])),
    ...(cluster.pods.has(netns) ? [advised('elsewhere', 'or call it from a container of the same pod, which reaches it as it is')] : []),
  ];
};
