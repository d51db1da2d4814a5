// A sink that delivers to a backend: the plugin says how to connect and write, the rest is the same for all.
import type { Interfaces } from '@oclif/core'
import type { BackendLimits, Connect, DeliveryDefaults, DeliveryForm } from '../contract/backend.ts'
import { ALL_FIELDS, type Needs } from '../contract/component.ts'
import { deliver } from '../sinks/delivery/delivery.ts'
import type { DeliveryPolicy } from '../sinks/delivery/policy.ts'
import { type ComponentCommand, type SinkDefinition, sinkCommand } from './command.ts'
import { deliveryFlags, deliveryPolicy } from './delivery-flags.ts'

export interface DeliveryDefinition<Options>
  extends Pick<SinkDefinition<Options>, 'summary' | 'description' | 'examples' | 'args' | 'prepare'> {
  readonly flags: Interfaces.FlagInput
  /** Fields that the backend reads; absent = all. */
  needs?(options: Options): Needs
  /** `octets` where it sends NDJSON or picks columns, `records` (the default) where it reads objects. */
  readonly form?: DeliveryForm
  readonly limits?: BackendLimits
  /** Defaults of --batch, --batch-octets and --in-flight. */
  readonly defaults?: Partial<DeliveryDefaults>
  readonly connect: Connect<Options>
}

interface Prepared<Options> {
  readonly own: Options
  readonly policy: DeliveryPolicy
}

/** The trigger goes by bins. */
function withBin(needs: Needs, { trigger }: DeliveryPolicy): Needs {
  if (!trigger || needs === ALL_FIELDS) return needs
  return { ...needs, fields: [...new Set([...needs.fields, 'stamp_inserted'])] }
}

/** A command made of a backend; what a sink plugin exports. */
export function deliveryCommand<Options>(definition: DeliveryDefinition<Options>): ComponentCommand {
  const { needs, connect, form = 'records', limits, defaults, flags, prepare, ...described } = definition
  return sinkCommand<Prepared<Options>>({
    ...described,
    flags: { ...flags, ...deliveryFlags(defaults) },
    prepare: async (parsed, host) => ({ own: await prepare(parsed, host), policy: deliveryPolicy(parsed, limits) }),
    ...(needs ? { needs: ({ own, policy }: Prepared<Options>) => withBin(needs(own), policy) } : {}),
    drain: (input, { own, policy }, host) =>
      deliver(input, { connect: signal => connect(own, host, signal), form, policy, host }),
  })
}
