import { iptablesFor } from '../../datapath/programs.ts';
import { addressModules } from './address-modules.ts';
import { connectionModules } from './connection-modules.ts';
import { headerModules } from './header-modules.ts';

import { kept, type Module, taking, unmodelled, wordOf } from './module.ts';

/** What the kernel shows of it are the counters of the rule. */
const counted =
  (what: string): NonNullable<Module['lacks']> =>
  (_options, { family, table }) => ({ what, command: `${iptablesFor(family)} -t ${table} -vnL`, look: true });

/** Match modules about facts that no collected file has: times, rates, payloads, sockets, settings of other programs. */
const UNMODELLED: Readonly<Record<string, Module>> = {
  bpf: unmodelled(taking('--object-pinned --bytecode')),
  cgroup: unmodelled(taking('--path --cgroup')),
  cluster: unmodelled(taking('--cluster-total-nodes --cluster-local-node --cluster-local-nodemask --cluster-hash-seed')),
  connbytes: unmodelled(taking('--connbytes --connbytes-dir --connbytes-mode')),
  connlabel: unmodelled(taking('--label', '--set')),
  connlimit: unmodelled(taking('--connlimit-upto --connlimit-above --connlimit-mask', '--connlimit-saddr --connlimit-daddr'), () => ({
    what: 'how many connections are open',
    command: 'conntrack -L',
    look: true,
  })),
  cpu: unmodelled(taking('--cpu')),
  devgroup: unmodelled(taking('--src-group --dst-group')),
  ecn: unmodelled(taking('--ecn-ip-ect', '--ecn-tcp-cwr --ecn-tcp-ece')),
  hashlimit: unmodelled(
    taking(
      '--hashlimit --hashlimit-upto --hashlimit-above --hashlimit-burst --hashlimit-mode --hashlimit-srcmask --hashlimit-dstmask --hashlimit-name --hashlimit-htable-size --hashlimit-htable-max --hashlimit-htable-expire --hashlimit-htable-gcinterval --hashlimit-rate-interval',
      '--hashlimit-rate-match',
    ),
    (options) => kept('rates', 'ipt_hashlimit', wordOf(options, '--hashlimit-name') ?? ''),
  ),
  helper: unmodelled(taking('--helper')),
  limit: unmodelled(taking('--limit --limit-burst'), counted('how many packets it has let match lately')),
  mac: unmodelled(taking('--mac-source')),
  osf: unmodelled(taking('--genre --ttl --log')),
  quota: unmodelled(taking('--quota'), counted('how much of it is used up')),
  rateest: unmodelled(
    taking(
      '--rateest --rateest1 --rateest2 --rateest-bps --rateest-pps --rateest-bps1 --rateest-bps2 --rateest-pps1 --rateest-pps2',
      '--rateest-delta --rateest-lt --rateest-gt --rateest-eq',
    ),
  ),
  realm: unmodelled(taking('--realm')),
  string: unmodelled(taking('--algo --from --to --string --hex-string', '--icase')),
  tcpmss: unmodelled(taking('--mss')),
  time: unmodelled(
    taking('--datestart --datestop --timestart --timestop --monthdays --weekdays', '--contiguous --kerneltz --localtz --utc'),
    () => ({ what: 'the time there', command: 'date', look: true }),
  ),
  u32: unmodelled(taking('--u32')),
};

/** All match modules by name. The comment itself is read with the rule. */
export const MODULES_BY_NAME: ReadonlyMap<string, Module> = new Map(
  Object.entries({
    comment: { options: taking('--comment'), read: () => [] },
    ...addressModules,
    ...connectionModules,
    ...headerModules,
    ...UNMODELLED,
  }),
);
