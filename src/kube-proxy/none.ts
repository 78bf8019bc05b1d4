import type { ProxyMode } from './mode.ts';

/** Nobody programs services: a packet to a ClusterIP goes where the routes lead. */
export const noMode: ProxyMode = {
  name: 'none',
  compile: () => ({ program() {} }),
};
