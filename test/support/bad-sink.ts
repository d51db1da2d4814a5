// The compliance suite on a sink that is bad in the way NETALLY_BAD says; started by test/sinks/delivery/compliance.test.ts.
import { linesCompliance } from './lines-compliance.ts'

linesCompliance(process.env.NETALLY_BAD)
