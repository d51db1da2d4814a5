// A WriteRequest of Prometheus in protobuf (prometheus/prompb: remote.proto, types.proto): series with their labels and samples.
import { OctetBuffer } from 'netally'

/** Field numbers, each with its wire type. */
const SERIES = (1 << 3) | 2
const LABELS = (1 << 3) | 2
const SAMPLES = (2 << 3) | 2
const NAME = (1 << 3) | 2
const TEXT = (2 << 3) | 2
const NUMBER = (1 << 3) | 1
const TIME = 2 << 3

export interface Sample {
  readonly value: number
  /** Unix ms. */
  readonly timeMs: number
}

export interface LabelledSeries {
  /** As labelOctets gives them. */
  readonly labels: Uint8Array
  readonly samples: readonly Sample[]
}

const encoder = new TextEncoder()

function varintLength(value: number): number {
  let length = 1
  for (let left = value; left >= 128; left = Math.floor(left / 128)) length++
  return length
}

/** A whole number from 0 to 2^53; needs 8 free octets. */
function putVarint(out: OctetBuffer, value: number): void {
  let left = value
  while (left >= 128) {
    out.octets[out.length++] = (left % 128) | 128
    left = Math.floor(left / 128)
  }
  out.octets[out.length++] = left
}

function putOctets(out: OctetBuffer, tag: number, octets: Uint8Array): void {
  out.reserve(octets.length + 12)
  out.octets[out.length++] = tag
  putVarint(out, octets.length)
  out.append(octets)
}

const label = new OctetBuffer(1024)
const all = new OctetBuffer(4096)

function putText(out: OctetBuffer, tag: number, text: string): void {
  out.reserve(3 * text.length + 12)
  out.octets[out.length++] = tag
  // Short texts of ASCII, as most are, need no encoder.
  const from = out.length
  if (text.length < 128) {
    out.octets[out.length++] = text.length
    let index = 0
    for (; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 126) break
      out.octets[out.length++] = code
    }
    if (index === text.length) return
    out.length = from
  }
  const octets = encoder.encode(text)
  putVarint(out, octets.length)
  out.append(octets)
}

/** Labels of one series; the protocol wants them in the order of their names. */
export function labelOctets(pairs: readonly (readonly [name: string, text: string])[]): Uint8Array {
  all.length = 0
  for (const [name, text] of pairs) {
    label.length = 0
    putText(label, NAME, name)
    putText(label, TEXT, text)
    putOctets(all, LABELS, label.written())
  }
  return all.written().slice()
}

const sampleLength = ({ timeMs }: Sample): number => 1 + 8 + 1 + varintLength(timeMs)

const request = new OctetBuffer(1 << 16)

/** Valid until the next call. */
export function writeRequest(series: Iterable<LabelledSeries>): Uint8Array {
  const out = request
  out.length = 0
  for (const { labels, samples } of series) {
    let length = labels.length
    for (const sample of samples) length += 2 + sampleLength(sample)
    out.reserve(length + 12)
    out.octets[out.length++] = SERIES
    putVarint(out, length)
    out.append(labels)
    for (const sample of samples) {
      out.octets[out.length++] = SAMPLES
      putVarint(out, sampleLength(sample))
      out.octets[out.length++] = NUMBER
      out.view.setFloat64(out.length, sample.value, true)
      out.length += 8
      out.octets[out.length++] = TIME
      putVarint(out, sample.timeMs)
    }
  }
  return out.written()
}
