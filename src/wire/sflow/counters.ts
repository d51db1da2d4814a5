// Counter structures, as registered at sflow.org: a row each, in the order of the octets. Names are those of the structures,
// which for interfaces are the MIB's and pmacct's; a few are told apart from fields of flows (`vlan` is pmacct's).

/** How a member is written: unsigned, signed, hyper (64 bits), float, text, mac, uuid (16 octets), in brackets an array of them. */
export type Kind = 'u' | 'i' | 'h' | 'f' | 's' | 'm' | 'x' | '[u]' | '[m]'

export interface Structure {
  /** `sf_cnt_type` of the record, after `sflow_cnt_`. */
  readonly name: string
  readonly members: readonly (readonly [name: string, kind: Kind])[]
  /** A counted list of structures follows, each a record of its own. */
  readonly each?: readonly (readonly [name: string, kind: Kind])[]
}

/** `a b:h c`: names, with their kind where it is not unsigned. */
const members = (text: string): (readonly [string, Kind])[] =>
  text
    .trim()
    .split(/\s+/)
    .map(word => {
      const [name = '', kind = 'u'] = word.split(':')
      return [name, kind as Kind] as const
    })

const structure = (name: string, text: string, each?: string): Structure =>
  each === undefined ? { name, members: members(text) } : { name, members: members(text), each: members(each) }

const NETWORK_IO = 'bytes_in:h pkts_in errs_in drops_in bytes_out:h pkts_out errs_out drops_out'

/** Enterprise 0. */
const STANDARD: readonly (readonly [format: number, structure: Structure])[] = [
  [
    1,
    structure(
      'generic',
      'ifIndex ifType ifSpeed:h ifDirection ifStatus ifInOctets:h ifInUcastPkts ifInMulticastPkts ifInBroadcastPkts ifInDiscards ifInErrors ifInUnknownProtos ifOutOctets:h ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifOutDiscards ifOutErrors ifPromiscuousMode',
    ),
  ],
  [
    2,
    structure(
      'ethernet',
      'dot3StatsAlignmentErrors dot3StatsFCSErrors dot3StatsSingleCollisionFrames dot3StatsMultipleCollisionFrames dot3StatsSQETestErrors dot3StatsDeferredTransmissions dot3StatsLateCollisions dot3StatsExcessiveCollisions dot3StatsInternalMacTransmitErrors dot3StatsCarrierSenseErrors dot3StatsFrameTooLongs dot3StatsInternalMacReceiveErrors dot3StatsSymbolErrors',
    ),
  ],
  [
    3,
    structure(
      'tokenring',
      'dot5StatsLineErrors dot5StatsBurstErrors dot5StatsACErrors dot5StatsAbortTransErrors dot5StatsInternalErrors dot5StatsLostFrameErrors dot5StatsReceiveCongestions dot5StatsFrameCopiedErrors dot5StatsTokenErrors dot5StatsSoftErrors dot5StatsHardErrors dot5StatsSignalLoss dot5StatsTransmitBeacons dot5StatsRecoverys dot5StatsLobeWires dot5StatsRemoves dot5StatsSingles dot5StatsFreqErrors',
    ),
  ],
  [
    4,
    structure(
      'vg',
      'dot12InHighPriorityFrames dot12InHighPriorityOctets:h dot12InNormPriorityFrames dot12InNormPriorityOctets:h dot12InIPMErrors dot12InOversizeFrameErrors dot12InDataErrors dot12InNullAddressedFrames dot12OutHighPriorityFrames dot12OutHighPriorityOctets:h dot12TransitionIntoTrainings dot12HCInHighPriorityOctets:h dot12HCInNormPriorityOctets:h dot12HCOutHighPriorityOctets:h',
    ),
  ],
  [5, structure('vlan', 'vlan octets:h ucastPkts multicastPkts broadcastPkts discards')],
  [
    6,
    structure(
      '80211',
      'dot11TransmittedFragmentCount dot11MulticastTransmittedFrameCount dot11FailedCount dot11RetryCount dot11MultipleRetryCount dot11FrameDuplicateCount dot11RTSSuccessCount dot11RTSFailureCount dot11ACKFailureCount dot11ReceivedFragmentCount dot11MulticastReceivedFrameCount dot11FCSErrorCount dot11TransmittedFrameCount dot11WEPUndecryptableCount dot11QoSDiscardedFragmentCount dot11AssociatedStationCount dot11QoSCFPollsReceivedCount dot11QoSCFPollsUnusedCount dot11QoSCFPollsUnusableCount dot11QoSCFPollsLostCount',
    ),
  ],
  [
    7,
    structure(
      'lag',
      'actorSystemID:m partnerSystemID:m attachedAggID portState LACPDUsRx markerPDUsRx markerResponsePDUsRx unknownRx illegalRx LACPDUsTx markerPDUsTx markerResponsePDUsTx',
    ),
  ],
  [8, structure('slow_path', 'unknown_packets other cam_miss cam_full no_hw_support cntrl')],
  [
    9,
    structure(
      'ib',
      'PortXmitPkts:h PortRcvPkts:h SymbolErrorCounter LinkErrorRecoveryCounter LinkDownedCounter PortRcvErrors PortRcvRemotePhysicalErrors PortRcvSwitchRelayErrors PortXmitDiscards PortXmitConstraintErrors PortRcvConstraintErrors LocalLinkIntegrityErrors ExcessiveBufferOverrunErrors VL15Dropped',
    ),
  ],
  [
    10,
    structure(
      'sfp',
      'module_id module_total_lanes module_supply_voltage module_temperature:i',
      'lane_index tx_bias_current tx_power tx_power_min tx_power_max tx_wavelength rx_power rx_power_min rx_power_max rx_wavelength',
    ),
  ],
  [1001, structure('processor', 'five_sec_cpu one_min_cpu five_min_cpu total_memory:h free_memory:h')],
  [1002, structure('radio', 'elapsed_time on_channel_time on_channel_busy_time')],
  [
    1003,
    structure(
      'queue_length',
      'queueIndex segmentSize queueSegments queueLength0 queueLength1 queueLength2 queueLength4 queueLength8 queueLength32 queueLength128 queueLength1024 queueLengthMore dropped',
    ),
  ],
  [1004, structure('of_port', 'datapath_id:h port_no')],
  [1005, structure('port_name', 'port_name:s')],
  [2000, structure('host_descr', 'hostname:s uuid:x machine_type os_name os_release:s')],
  [2001, structure('host_adapters', '', 'ifIndex mac_address:[m]')],
  [2002, structure('host_parent', 'container_type container_index')],
  [
    2003,
    structure(
      'host_cpu',
      'load_one:f load_five:f load_fifteen:f proc_run proc_total cpu_num cpu_speed uptime cpu_user cpu_nice cpu_system cpu_idle cpu_wio cpu_intr cpu_sintr interrupts contexts cpu_steal cpu_guest cpu_guest_nice',
    ),
  ],
  [
    2004,
    structure(
      'host_memory',
      'mem_total:h mem_free:h mem_shared:h mem_buffers:h mem_cached:h swap_total:h swap_free:h page_in page_out swap_in swap_out',
    ),
  ],
  [
    2005,
    structure(
      'host_disk_io',
      'disk_total:h disk_free:h part_max_used reads bytes_read:h read_time writes bytes_written:h write_time',
    ),
  ],
  [2006, structure('host_net_io', NETWORK_IO)],
  [
    2007,
    structure(
      'mib2_ip',
      'ipForwarding ipDefaultTTL ipInReceives ipInHdrErrors ipInAddrErrors ipForwDatagrams ipInUnknownProtos ipInDiscards ipInDelivers ipOutRequests ipOutDiscards ipOutNoRoutes ipReasmTimeout ipReasmReqds ipReasmOKs ipReasmFails ipFragOKs ipFragFails ipFragCreates',
    ),
  ],
  [
    2008,
    structure(
      'mib2_icmp',
      'icmpInMsgs icmpInErrors icmpInDestUnreachs icmpInTimeExcds icmpInParamProbs icmpInSrcQuenchs icmpInRedirects icmpInEchos icmpInEchoReps icmpInTimestamps icmpInAddrMasks icmpInAddrMaskReps icmpOutMsgs icmpOutErrors icmpOutDestUnreachs icmpOutTimeExcds icmpOutParamProbs icmpOutSrcQuenchs icmpOutRedirects icmpOutEchos icmpOutEchoReps icmpOutTimestamps icmpOutTimestampReps icmpOutAddrMasks icmpOutAddrMaskReps',
    ),
  ],
  [
    2009,
    structure(
      'mib2_tcp',
      'tcpRtoAlgorithm tcpRtoMin tcpRtoMax tcpMaxConn tcpActiveOpens tcpPassiveOpens tcpAttemptFails tcpEstabResets tcpCurrEstab tcpInSegs tcpOutSegs tcpRetransSegs tcpInErrs tcpOutRsts tcpInCsumErrors',
    ),
  ],
  [
    2010,
    structure(
      'mib2_udp',
      'udpInDatagrams udpNoPorts udpInErrors udpOutDatagrams udpRcvbufErrors udpSndbufErrors udpInCsumErrors',
    ),
  ],
  [2100, structure('virt_node', 'mhz cpus memory:h memory_free:h num_domains')],
  [2101, structure('virt_cpu', 'state cpuTime nrVirtCpu')],
  [2102, structure('virt_memory', 'memory:h maxMemory:h')],
  [2103, structure('virt_disk_io', 'capacity:h allocation:h available:h rd_req rd_bytes:h wr_req wr_bytes:h errs')],
  [2104, structure('virt_net_io', NETWORK_IO)],
  [2105, structure('jvm_runtime', 'vm_name:s vm_vendor:s vm_version:s')],
  [
    2106,
    structure(
      'jvm_statistics',
      'heap_initial:h heap_used:h heap_committed:h heap_max:h non_heap_initial:h non_heap_used:h non_heap_committed:h non_heap_max:h gc_count gc_time classes_loaded classes_total classes_unloaded comp_time thread_num_live thread_num_daemon thread_num_started fd_open_count fd_max_count',
    ),
  ],
  // What memcached counted before 2204 was agreed on.
  [
    2200,
    structure(
      'memcache_2200',
      'uptime rusage_user rusage_system curr_connections total_connections connection_structures cmd_get cmd_set cmd_flush get_hits get_misses delete_misses delete_hits incr_misses incr_hits decr_misses decr_hits cas_misses cas_hits cas_badval auth_cmds auth_errors bytes_read:h bytes_written:h limit_maxbytes accepting_conns listen_disabled_num threads conn_yields bytes_stored:h curr_items total_items evictions',
    ),
  ],
  [
    2201,
    structure(
      'http',
      'method_option_count method_get_count method_head_count method_post_count method_put_count method_delete_count method_trace_count method_connect_count method_other_count status_1xx_count status_2xx_count status_3xx_count status_4xx_count status_5xx_count status_other_count',
    ),
  ],
  [
    2202,
    structure(
      'app_operations',
      'application:s success other timeout internal_error bad_request forbidden too_large not_implemented not_found unavailable unauthorized',
    ),
  ],
  [2203, structure('app_resources', 'user_time system_time mem_used:h mem_max:h fd_open fd_max conn_open conn_max')],
  [
    2204,
    structure(
      'memcache',
      'cmd_set cmd_touch cmd_flush get_hits get_misses delete_hits delete_misses incr_hits incr_misses decr_hits decr_misses cas_hits cas_misses cas_badval auth_cmds auth_errors threads conn_yields listen_disabled_num curr_connections rejected_connections total_connections connection_structures evictions reclaimed curr_items total_items bytes_read:h bytes_written:h bytes_stored:h limit_maxbytes:h',
    ),
  ],
  [2206, structure('app_workers', 'workers_active workers_idle workers_max req_delayed req_dropped')],
  [2207, structure('ovs_dp', 'n_hit n_missed n_lost n_mask_hit n_flows n_masks')],
  [3000, structure('energy', 'voltage current real_power power_factor:i energy energy_errors')],
  [3001, structure('temperature', 'temperature_minimum:i temperature_maximum:i temperature_errors')],
  [3002, structure('humidity', 'relative_humidity')],
  [3003, structure('fans', 'fans_total fans_failed fans_speed')],
]

const BROADCOM = 4413
const NVIDIA = 5703

const key = (enterprise: number, format: number): number => enterprise * 4096 + format

/** By enterprise * 4096 + format, as it stands in the datagram. */
export const STRUCTURES: ReadonlyMap<number, Structure> = new Map([
  ...STANDARD,
  [key(BROADCOM, 1), structure('bcm_device_buffers', 'uc_pc:i mc_pc:i')],
  [
    key(BROADCOM, 2),
    structure(
      'bcm_port_buffers',
      'ingress_uc_pc:i ingress_mc_pc:i egress_uc_pc:i egress_mc_pc:i egress_queue_uc_pc:[u] egress_queue_mc_pc:[u]',
    ),
  ],
  [
    key(BROADCOM, 3),
    structure(
      'bcm_tables',
      'bcm_host_entries bcm_host_entries_max bcm_ipv4_entries bcm_ipv4_entries_max bcm_ipv6_entries bcm_ipv6_entries_max bcm_ipv4_ipv6_entries bcm_ipv4_ipv6_entries_max bcm_long_ipv6_entries bcm_long_ipv6_entries_max bcm_total_routes bcm_total_routes_max bcm_ecmp_nexthops bcm_ecmp_nexthops_max bcm_mac_entries bcm_mac_entries_max bcm_ipv4_neighbors bcm_ipv6_neighbors bcm_ipv4_routes bcm_ipv6_routes bcm_acl_ingress_entries bcm_acl_ingress_entries_max bcm_acl_ingress_counters bcm_acl_ingress_counters_max bcm_acl_ingress_meters bcm_acl_ingress_meters_max bcm_acl_ingress_slices bcm_acl_ingress_slices_max bcm_acl_egress_entries bcm_acl_egress_entries_max bcm_acl_egress_counters bcm_acl_egress_counters_max bcm_acl_egress_meters bcm_acl_egress_meters_max bcm_acl_egress_slices bcm_acl_egress_slices_max',
    ),
  ],
  [
    key(NVIDIA, 1),
    structure(
      'nvidia_gpu',
      'device_count processes gpu_time mem_time mem_total:h mem_free:h ecc_errors energy temperature fan_speed',
    ),
  ],
] as const satisfies readonly (readonly [number, Structure])[])

/** Blocks of versions 2 and 4, as the structures they are made of: generic, Ethernet, token ring, FDDI, 100VG, WAN, VLAN. */
export const LEGACY_BLOCKS: { readonly [type: number]: readonly number[] } = {
  1: [1],
  2: [1, 2],
  3: [1, 3],
  4: [1],
  5: [1, 4],
  6: [1],
  7: [5],
}
