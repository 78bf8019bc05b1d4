import { balanced } from './balanced.ts';
import { bridge } from './bridge.ts';
import { deliver } from './deliver.ts';
import { forward, input, postrouting, prerouting } from './hooks.ts';
import type { Stage, StageName } from './next.ts';
import { output } from './output.ts';
import { receive } from './receive.ts';
import { routeInputStage } from './route-input.ts';
import { send } from './send.ts';
import { transmit } from './transmit.ts';

/** The packet's way through the kernel: where a stage says `go`, this says where to. */
export const STAGES: Readonly<Record<StageName, Stage>> = {
  // down: a packet that is sent from here
  send,
  output,
  balanced,
  postrouting,
  transmit,
  // up: a packet that comes in
  receive,
  bridge,
  prerouting,
  'route-input': routeInputStage,
  // through, or in
  forward,
  input,
  deliver,
};
