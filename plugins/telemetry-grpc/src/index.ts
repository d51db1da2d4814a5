import { gnmiRecv } from './gnmi-recv.ts'
import { grpcRecv } from './grpc-recv.ts'

export const commands = { 'gnmi-recv': gnmiRecv, 'grpc-recv': grpcRecv }
