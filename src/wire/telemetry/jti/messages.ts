// The messages of Juniper's sensors (junos-telemetry-interface .proto files): names, numbers and types of their fields.
//
// A row is a message: its fields in the order of their numbers, from 1 or from what `=` says; 64- and 32-bit unsigned numbers
// unless `:` says what else; `[]` for those that come again. `!` marks what tells entries of a list apart.

/** Names of enumerations, by number. */
export const ENUMERATIONS: { readonly [type: string]: readonly string[] } = {
  sensor_location: ['', 'Linecard', 'Switch_Fabric'],
  edge_end: ['', 'Switch_Fabric', 'Linecard'],
}

/** Extensions of JuniperNetworksSensors: what a message of a sensor has, by number. */
export const SENSORS: { readonly [number: number]: readonly [name: string, message: string] } = {
  1: ['cpu_memory_util_ext', 'cpu_memory'],
  2: ['fabricMessageExt', 'fabric'],
  3: ['jnpr_interface_ext', 'port'],
  5: ['jnpr_lsp_statistics_ext', 'lsp_stats'],
  6: ['jnpr_firewall_ext', 'firewall'],
  7: ['jnprLogicalInterfaceExt', 'logical_port'],
  8: ['jnpr_packet_statistics_ext', 'packet_statistics'],
  9: ['inline_jflow_stats_ext', 'inline_jflow'],
  10: ['jnpr_optics_ext', 'optics'],
  11: ['npu_memory_ext', 'npu_memory'],
  12: ['jnpr_npu_utilization_ext', 'npu_utilization'],
  15: ['jnpr_qmon_ext', 'queue_monitor'],
  16: ['jnpr_sr_stats_per_sid_ext', 'sid_stats'],
  17: ['jnpr_sr_stats_per_if_egress_ext', 'segment_interfaces'],
  18: ['jnpr_interface_exp_ext', 'port_exp'],
  19: ['jnpr_sr_stats_per_if_ingress_ext', 'segment_interfaces'],
}

const drops = 'tail_drop_packets'
const buffers = 'peak_buffer_occupancy allocated_buffer_size'
/** Inline flow monitoring counts the same for each family, at numbers of its own. */
const flowsOf = (family: string, first: number): string =>
  [
    `${family}_flow_packets=${first}`,
    ...['flow_bytes', 'total_flows', 'active_flows', 'flows_exported', 'packets_exported'],
    ...['flows_inactive_timed_out', 'flows_active_timed_out', 'flow_create_failure', 'route_lookup_failure'],
    ...['autonomous_system_lookup_failure', 'flow_packet_export_failure', 'flow_table_utilization:float'],
    'flow_insert_count',
  ].join(` ${family}_`)

export const MESSAGES: { readonly [message: string]: string } = {
  cpu_memory: 'utilization:cpu_partition[]',
  cpu_partition: '!name:text size bytes_allocated utilization:signed application_utilization:cpu_application[]',
  cpu_application: '!name:text bytes_allocated allocations frees allocations_failed',

  fabric: 'edges:fabric_edge[] location:sensor_location',
  fabric_edge: `!source_type:edge_end !source_slot !source_pfe
    !destination_type:edge_end !destination_slot !destination_pfe class_stats:fabric_class[]`,
  fabric_class: '!priority:text transmit_counts:fabric_counters',
  fabric_counters: `packets bytes packets_per_second bytes_per_second
    drop_packets drop_bytes drop_packets_per_second drop_bytes_per_second
    queue_depth_average queue_depth_current queue_depth_peak queue_depth_maximum error_packets error_packets_per_second`,

  port: 'interface_stats:interface[]',
  interface: `!if_name:text init_time !snmp_if_index parent_ae_name:text egress_queue_info:queue[] ingress_queue_info:queue[]
    ingress_stats:interface_stats egress_stats:interface_stats ingress_errors:ingress_errors
    if_administration_status:text if_operational_status:text if_description:text if_transitions ifLastChange ifHighSpeed
    egress_errors:egress_errors`,
  queue: `!queue_number packets bytes ${drops} rl_drop_packets rl_drop_bytes red_drop_packets red_drop_bytes
    avg_buffer_occupancy cur_buffer_occupancy ${buffers}`,
  interface_stats: `if_pkts if_octets if_1sec_pkts if_1sec_octets if_uc_pkts if_mc_pkts if_bc_pkts if_error if_pause_pkts
    if_unknown_proto_pkts`,
  ingress_errors: `if_errors if_in_qdrops if_in_frame_errors if_discards if_in_runts if_in_l3_incompletes if_in_l2chan_errors
    if_in_l2_mismatch_timeouts if_in_fifo_errors if_in_resource_errors`,
  egress_errors: 'if_errors if_discards',
  port_exp: 'interfaceExp_stats:interface_exp[]',
  interface_exp: '!if_name:text if_operational_status:text',

  logical_port: 'interface_info:logical_interface[]',
  logical_interface: `!if_name:text init_time !snmp_if_index parent_ae_name:text
    ingress_stats:logical_ingress egress_stats:logical_stats op_state:operational_state administractive_status:text
    description:text last_change high_speed ingress_queue_info:logical_queue[] egress_queue_info:logical_queue[]`,
  logical_ingress: 'if_packets if_octets if_ucast_packets if_mcast_packets if_fc_stats:forwarding_class[]',
  logical_stats: 'if_packets if_octets if_ucast_packets if_mcast_packets',
  operational_state: 'operational_status:text',
  forwarding_class: '!if_family:text !fc_number if_packets if_octets',
  logical_queue: `!queue_number packets bytes ${drops} rate_limit_drop_packets rate_limit_drop_bytes red_drop_packets
    red_drop_bytes average_buffer_occupancy current_buffer_occupancy ${buffers}`,

  lsp_stats: 'lsp_stats_records:lsp[]',
  lsp: '!name:text !instance_identifier !counter_name:text packets bytes packet_rate byte_rate',

  firewall: 'firewall_stats:filter[]',
  filter: `!filter_name:text timestamp memory_usage:filter_memory[] counter_stats:filter_counter[] policer_stats:policer[]
    hierarchical_policer_stats:hierarchical_policer[]`,
  filter_memory: '!name:text allocated',
  filter_counter: '!name:text packets bytes',
  policer: '!name:text out_of_spec_packets out_of_spec_bytes extended_policer_stats:extended_policer',
  extended_policer: 'offered_packets offered_bytes transmitted_packets transmitted_bytes',
  hierarchical_policer: '!name:text premium_packets premium_bytes aggregate_packets aggregate_bytes',

  packet_statistics: 'packet_stats:packet_class[] packet_stats_pfe:packet_engine[]',
  packet_engine: '!pfe_identifier:text packet_stats:packet_class[]',
  packet_class: '!name:text counter:packet_counter',
  packet_counter: 'packet_count byte_count packet_rate bit_rate',

  inline_jflow: `ipv4_flows_export_format:text=2 ipv6_flows_export_format:text vpls_flows_export_format:text
    mpls_flows_export_format:text ipv4_route_record_cnt ipv6_route_record_cnt mpls_route_record_cnt
    autonomous_system_record_cnt ipv4_max_flows_count ipv6_max_flows_count vpls_max_flows_count mpls_max_flows_count
    memory_alloc_fail_cnt ipv4_configured_observation_domain_id ipv6_configured_observation_domain_id
    vpls_configured_observation_domain_id mpls_configured_observation_domain_id last_clear_timestamp
    ipv6_extended_attribute:bool flexible_flow_sizing:bool use_extended_flow_memory:bool bridge_flows_export_format:text
    bridge_max_flows_count bridge_configured_observation_domain_id npu_stats:inline_jflow_npu[]=50`,
  inline_jflow_npu: `!npu_identifier ${flowsOf('ipv4', 51)} ${flowsOf('ipv6', 101)} ${flowsOf('vpls', 151)}
    ${flowsOf('mpls', 201)} ${flowsOf('bridge', 251)}`,

  optics: 'Optics_diag:optics_interface[]',
  optics_interface: '!if_name:text !snmp_if_index optics_diag_stats:optics_stats',
  optics_stats: `optics_type module_temp:double
    module_temp_high_alarm_threshold:double module_temp_low_alarm_threshold:double
    module_temp_high_warning_threshold:double module_temp_low_warning_threshold:double
    laser_output_power_high_alarm_threshold_dbm:double laser_output_power_low_alarm_threshold_dbm:double
    laser_output_power_high_warning_threshold_dbm:double laser_output_power_low_warning_threshold_dbm:double
    laser_rx_power_high_alarm_threshold_dbm:double laser_rx_power_low_alarm_threshold_dbm:double
    laser_rx_power_high_warning_threshold_dbm:double laser_rx_power_low_warning_threshold_dbm:double
    laser_bias_current_high_alarm_threshold:double laser_bias_current_low_alarm_threshold:double
    laser_bias_current_high_warning_threshold:double laser_bias_current_low_warning_threshold:double
    module_temp_high_alarm:bool module_temp_low_alarm:bool module_temp_high_warning:bool module_temp_low_warning:bool
    optics_lane_diag_stats:optics_lane[]`,
  optics_lane: `!lane_number lane_laser_temperature:double lane_laser_output_power_dbm:float
    lane_laser_receiver_power_dbm:float lane_laser_bias_current:double
    lane_laser_output_power_high_alarm:bool lane_laser_output_power_low_alarm:bool
    lane_laser_output_power_high_warning:bool lane_laser_output_power_low_warning:bool
    lane_laser_receiver_power_high_alarm:bool lane_laser_receiver_power_low_alarm:bool
    lane_laser_receiver_power_high_warning:bool lane_laser_receiver_power_low_warning:bool
    lane_laser_bias_current_high_alarm:bool lane_laser_bias_current_low_alarm:bool
    lane_laser_bias_current_high_warning:bool lane_laser_bias_current_low_warning:bool
    lane_tx_loss_of_signal_alarm:bool lane_rx_loss_of_signal_alarm:bool lane_tx_laser_disabled_alarm:bool`,

  npu_memory: 'memory_stats:npu[]',
  npu: '!identifier:text summary:npu_memory_summary[] partition:npu_memory_partition[]',
  npu_memory_summary: '!resource_name:text size allocated utilization:signed',
  npu_memory_partition: '!name:text !application_name:text bytes_allocated allocation_count free_count',
  npu_utilization: 'npu_util_stats:npu_load[]',
  npu_load: '!identifier:text utilization packets:packet_load[] memory:memory_load[]',
  packet_load: `!identifier:text rate average_instructions_per_packet average_wait_cycles_per_packet
    average_cycles_per_packet`,
  memory_load: `!name:text average_util highest_util lowest_util average_cache_hit_rate highest_cache_hit_rate
    lowest_cache_hit_rate`,

  queue_monitor: 'queue_monitor_element_info:monitored_interface[]',
  monitored_interface: `!if_name:text parent_ae_name:text queue_monitor_stats_ingress:monitored_queues
    queue_monitor_stats_egress:monitored_queues`,
  monitored_queues: 'queue_monitor_stats_info:monitored_queue[]',
  monitored_queue: `!queue_number !queue_id peak_buffer_occupancy_bytes peak_buffer_occupancy_percent packets octets
    ${drops} tail_drop_octets red_drop_packets_color_0 red_drop_octets_color_0 red_drop_packets_color_1
    red_drop_octets_color_1 red_drop_packets_color_2 red_drop_octets_color_2 red_drop_packets_color_3
    red_drop_octets_color_3`,

  sid_stats: 'sid_stats:segment[]',
  segment: `!sid_identifier:text !instance_identifier !counter_name:text ingress_stats:segment_stats
    egress_stats:segment_stats`,
  segment_interfaces: 'per_if_records:segment_interface[]',
  segment_interface: `!if_name:text parent_ae_name:text !counter_name:text ingress_stats:segment_stats
    egress_stats:segment_stats`,
  segment_stats: 'packets bytes packet_rate byte_rate',
}
