// UDP ports that carry tunnels.
import type { Problem } from '../../contract/problem.ts'
import { TUNNEL_LAYER } from './layer.ts'

/** By port: the low 16 bits of the layer code, 0 = no tunnel. */
export type TunnelPorts = Uint8Array

export const NO_TUNNEL = 0

/** Where they are by themselves: IANA, and what Linux used for VXLAN before. */
const USUAL: readonly (readonly [port: number, type: TunnelType])[] = [
  [4789, 'vxlan'],
  [8472, 'vxlan'],
  [4790, 'vxlan-gpe'],
  [6081, 'geneve'],
  [2152, 'gtp'],
  [1701, 'l2tp'],
]

export type TunnelType = keyof typeof TUNNEL_LAYER

export function tunnelPorts(more: readonly (readonly [port: number, type: TunnelType])[] = []): TunnelPorts {
  const ports = new Uint8Array(65_536)
  for (const [port, type] of [...USUAL, ...more]) ports[port] = TUNNEL_LAYER[type]
  return ports
}

export const TUNNEL_PORTS: TunnelPorts = tunnelPorts()

/** `vxlan:8472`, or pmacct's `vxlan, 8472`. */
export function parseTunnelPort(text: string): readonly [port: number, type: TunnelType] | Problem {
  const [, type = '', digits = ''] = /^([a-z-]+)\s*[:,]\s*(\d{1,5})$/.exec(text.trim()) ?? []
  const port = Number(digits)
  if (Object.hasOwn(TUNNEL_LAYER, type) && port > 0 && port < 65_536) return [port, type as TunnelType]
  return {
    code: 'usage/tunnel-port',
    message: `"${text}" is no tunnel and port`,
    hint: `as in vxlan:8472; tunnels are ${Object.keys(TUNNEL_LAYER).join(', ')}`,
  }
}
