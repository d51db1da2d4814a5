/** Octets of hex texts, one behind the other. */
export const hex = (...texts: string[]): Uint8Array =>
  Uint8Array.from(Buffer.from(texts.join('').replace(/\s/g, ''), 'hex'))

/** Destination and source; an EtherType follows. */
export const ETHERNET = '020000000002 020000000001'

/** 10.0.0.1:443 to 10.0.0.2:50000, ACK and PSH, 52 octets. */
export const IPV4_TCP = `45100034 0001 4000 40060000 0a000001 0a000002
  01bb c350 00000001 00000002 8018 0200 0000 0000 0101080a 00000001 00000002`

/** Hop-by-hop, destination options of 16 octets, fragment (the first), UDP 53 to 1053. */
export const IPV6_UDP = `6b812345 0028 00 3f
  20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002
  3c000104 00000000
  2c010104 00000000 00000000 00000000
  11000000 00000001
  0035041d 00080000`
