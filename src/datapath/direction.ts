/** Of a connection's packets: as its first one, or against it. */
export type Direction = 'original' | 'reply';
