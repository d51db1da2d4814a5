// What can be wrong with a capture. Positions are octets of the (uncompressed) capture, from 0.
import type { Problem } from '../../contract/problem.ts'

const WHAT_IS_READ = 'netally reads pcap and pcapng (tcpdump -w, dumpcap, tshark -w), plain, gz or zst'

export function notACapture(message: string, hint = WHAT_IS_READ): Problem {
  return { code: 'capture/not-a-capture', message, hint }
}

export function unsupported(message: string, hint = 'convert it: editcap -F pcapng IN OUT'): Problem {
  return { code: 'capture/unsupported', message, hint }
}

export function truncated(position: number, missing: number): Problem {
  return {
    code: 'capture/truncated',
    message: `the capture ends at octet ${position} in the middle of a record: at least ${missing} octets are missing`,
    hint: 'everything before that record was read',
  }
}

export function corrupt(position: number, what: string): Problem {
  return {
    code: 'capture/corrupt',
    message: `the record at octet ${position} ${what}; reading ends there`,
    hint: 'everything before that record was read',
  }
}
