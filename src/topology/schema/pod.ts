import * as z from 'zod';
import { address, addresses, deviceName, eitherOf, label, labels, port, portName, protocol, subdomain } from '../../source/fields.ts';
import { checked, field, later, strict } from '../../source/objects.ts';
import { podNames } from './dns.ts';
import { overrideFields } from './linux.ts';
import { volume, volumeMount } from './volumes.ts';

/** Pods and their containers, in Kubernetes' own words. */

const listen = z.string().regex(/^((\d{1,3}\.){3}\d{1,3}|\[[\da-f:.]+\])?:\d{1,5}(\/(tcp|udp|sctp))?$/i, {
  error: 'expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT or :PORT, and /udp or /sctp if it is not TCP',
});

const container = strict(() => ({
  name: field(label, "The container's name."),
  ports: field(
    z
      .array(
        strict(() => ({
          name: field(portName.optional(), 'For target ports by name.'),
          containerPort: field(port, 'What it listens on, on all addresses.'),
          protocol: field(protocol, 'TCP unless stated.'),
          hostPort: field(port.optional(), "A port of the pod's node that leads here."),
          hostIP: field(address.optional(), 'Only on this address of the node.'),
        })),
      )
      .optional(),
    'What the container listens on.',
  ),
  listen: field(z.array(listen).optional(), 'Sockets that are not container ports, as 127.0.0.1:9000.'),
  volumeMounts: field(z.array(volumeMount).optional(), 'Where it has which of the volumes of the pod.'),
  volumeDevices: later('block devices (volumeDevices)'),
}));

const podFields = strict(() => ({
  name: field(subdomain, "The pod's name."),
  namespace: field(label.optional(), 'Its Kubernetes namespace.'),
  node: field(subdomain.optional(), 'The node that it runs on.'),
  ip: field(
    address.optional(),
    "Its address; left out, the next free one of its node's range. With two IP families, that of the other one is left out.",
  ),
  ips: field(addresses.optional(), 'All its addresses, one of each IP family that it has.'),
  labels: field(labels.optional(), 'What selectors look at.'),
  ready: field(z.boolean().optional(), 'Does it pass its readiness probe?'),
  terminating: field(
    z.boolean().optional(),
    'Is it being deleted? It is then no ready endpoint, but serves for want of others while its probe passes.',
  ),
  veth: field(deviceName.optional(), "The host's end of its veth pair; left out, veth0, veth1, … in file order."),
  nic: field(deviceName.optional(), 'With aws-vpc-cni, the NIC of its node that has its address; left out, eth0.'),
  hostNetwork: field(z.boolean().optional(), "Does it use its node's network instead of one of its own?"),
  hostIPC: field(z.boolean().optional(), "Does it use its node's shared memory, semaphores and message queues instead of some of its own?"),
  hostPID: field(z.boolean().optional(), "Are its processes in its node's process namespace?"),
  shareProcessNamespace: field(z.boolean().optional(), 'Do its containers see the processes of each other?'),
  volumes: field(z.array(volume).optional(), 'What its containers may mount.'),
  initContainers: later('initContainers'),
  containers: field(z.array(container).optional(), 'Its containers. Left out, the pod may listen on anything.'),
  ...podNames,
  sysctls: overrideFields.sysctls,
  routes: overrideFields.routes,
  rules: overrideFields.rules,
  devices: overrideFields.devices,
  addresses: overrideFields.addresses,
  neighbours: overrideFields.neighbours,
}));

/** `alone`: no Kubernetes object says what is left out. */
export const pod = (alone: boolean) =>
  checked(podFields, (value, wrong) => {
    if (alone && value.node === undefined) wrong('node');
    eitherOf(value, 'ip', 'ips', wrong, false);
  });
