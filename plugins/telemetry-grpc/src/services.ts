// Services that nodes call, by the path that gRPC has for them.
import { ciscoReader, gnmiReader, huaweiReader, type MakeReader } from './dial-out-readers.ts'

export interface DialOutService {
  /** `/PACKAGE.SERVICE/METHOD` */
  readonly path: string
  readonly makeReader: MakeReader
  /** Whether the node expects a stream of answers (which stays empty), or one at the end. */
  readonly answers: 'stream' | 'one'
}

export const DIAL_OUT_SERVICES: readonly DialOutService[] = [
  // Nokia SR OS: Nokia_SROS_DialoutTelemetry.proto.
  { path: '/Nokia.SROS.DialoutTelemetry/Publish', makeReader: gnmiReader, answers: 'stream' },
  // openconfig/reference issue 42, as SONiC has it, with the package it had before and the one of now.
  { path: '/gnmi.gNMIDialOut/Publish', makeReader: gnmiReader, answers: 'stream' },
  { path: '/gnmi.sonic.gNMIDialOut/Publish', makeReader: gnmiReader, answers: 'stream' },
  // Juniper: jnx gnmi dial-out.
  { path: '/Subscriber/DialOutSubscriber', makeReader: gnmiReader, answers: 'stream' },
  // Arista: gnmireverse.proto.
  { path: '/gnmireverse.gNMIReverse/Publish', makeReader: gnmiReader, answers: 'one' },
  // Cisco: mdt_grpc_dialout.proto.
  { path: '/mdt_dialout.gRPCMdtDialout/MdtDialout', makeReader: ciscoReader, answers: 'stream' },
  // Huawei: huawei-grpc-dialout.proto.
  { path: '/huawei_dialout.gRPCDataservice/dataPublish', makeReader: huaweiReader, answers: 'stream' },
]
