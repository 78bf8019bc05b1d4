/** The direction of a packet in its connection: that of the first packet, or the other. */
export type Direction = 'original' | 'reply';
