import * as z from 'zod';
import { podNameDocs, podNames } from './dns.ts';
import {
  address,
  checked,
  deviceName,
  eitherOf,
  label,
  labels,
  later,
  oneAFamily,
  port,
  portName,
  protocol,
  strict,
  subdomain,
} from './fields.ts';
import { overrideDocs, overrideFields } from './linux.ts';
import { volume, volumeMount } from './volumes.ts';

/** Pods and their containers, in Kubernetes' own words. */

const listen = z.string().regex(/^((\d{1,3}\.){3}\d{1,3}|\[[\da-f:.]+\])?:\d{1,5}(\/(tcp|udp|sctp))?$/i, {
  error: 'expected ADDRESS:PORT, [IPV6-ADDRESS]:PORT or :PORT, and /udp or /sctp if it is not TCP',
});

const container = strict(
  {
    name: label,
    ports: z
      .array(
        strict(
          {
            name: portName.optional(),
            containerPort: port,
            protocol: protocol,
            hostPort: port.optional(),
            hostIP: address.optional(),
          },
          {
            name: 'For target ports by name.',
            containerPort: 'What it listens on, on all addresses.',
            protocol: 'TCP unless stated.',
            hostPort: "A port of the pod's node that leads here.",
            hostIP: 'Only on this address of the node.',
          },
        ),
      )
      .default([]),
    listen: z.array(listen).default([]),
    volumeMounts: z.array(volumeMount).default([]),
    volumeDevices: later('block devices (volumeDevices)'),
  },
  {
    name: "The container's name.",
    ports: 'What the container listens on.',
    listen: 'Sockets that are not container ports, as 127.0.0.1:9000.',
    volumeMounts: 'Where it has which of the volumes of the pod.',
  },
);

const podFields = strict(
  {
    name: subdomain,
    namespace: label.default('default'),
    node: subdomain,
    ip: address.optional(),
    ips: oneAFamily(address).optional(),
    labels: labels.default({}),
    ready: z.boolean().default(true),
    terminating: z.boolean().default(false),
    veth: deviceName.optional(),
    hostNetwork: z.boolean().default(false),
    hostIPC: z.boolean().default(false),
    hostPID: z.boolean().default(false),
    shareProcessNamespace: z.boolean().default(false),
    volumes: z.array(volume).default([]),
    initContainers: later('initContainers'),
    containers: z.array(container).optional(),
    ...podNames,
    sysctls: overrideFields.sysctls,
    routes: overrideFields.routes,
    rules: overrideFields.rules,
    devices: overrideFields.devices,
    addresses: overrideFields.addresses,
    neighbours: overrideFields.neighbours,
  },
  {
    ...overrideDocs,
    name: "The pod's name.",
    namespace: 'Its Kubernetes namespace.',
    node: 'The node that it runs on.',
    ip: "Its address; left out, the next free one of its node's range. With two IP families, that of the other one is left out.",
    ips: 'All its addresses, one of each IP family that it has.',
    labels: 'What selectors look at.',
    ready: 'Does it pass its readiness probe?',
    terminating: 'Is it being deleted? It is then no ready endpoint, but serves for want of others while its probe passes.',
    veth: "The host's end of its veth pair; left out, veth0, veth1, … in file order.",
    hostNetwork: "Does it use its node's network instead of one of its own?",
    hostIPC: "Does it use its node's shared memory, semaphores and message queues instead of some of its own?",
    hostPID: "Are its processes in its node's process namespace?",
    shareProcessNamespace: 'Do its containers see the processes of each other?',
    volumes: 'What its containers may mount.',
    containers: 'Its containers. Left out, the pod may listen on anything.',
    ...podNameDocs,
  },
);

export const pod = checked(podFields, (value, wrong) => eitherOf(value, 'ip', 'ips', wrong, false));
