// TLVs of the BGP-LS attribute: RFC 9552 (node, link, prefix), 8571 (delay and loss), 9085 (SR), 9086 (EPE), 9514 (SRv6).
// Keys are pmacct's where it has one; it prints the others as attr_<type>.

export type TlvKind =
  | 'text'
  | 'hex'
  | 'octetHex'
  | 'address'
  | 'number'
  | 'wordHex'
  | 'wordHexes'
  | 'pairHexes'
  | 'octets'
  | 'pairs'
  | 'words'
  | 'longHexes'
  | 'bits'
  | 'bitsList'
  | 'metric'
  | 'delay'
  | 'delays'
  | 'labelRanges'
  | 'adjacencySid'
  | 'lanAdjacencySid'
  | 'prefixSid'
  | 'endXSid'
  | 'lanEndXSid'
  | 'ospfLanEndXSid'
  | 'locator'
  | 'endpointBehavior'
  | 'sidStructure'

export interface TlvRow {
  readonly type: number
  readonly key: string
  readonly kind: TlvKind
  /** There may be several; the value is a list. */
  readonly several?: boolean
}

const ROWS: readonly TlvRow[] = [
  { type: 258, key: 'll_lr_id', kind: 'wordHexes' },
  { type: 263, key: 'attr_multi_topology_ids', kind: 'pairs' },
  { type: 266, key: 'attr_node_msd', kind: 'pairHexes' },
  { type: 267, key: 'attr_link_msd', kind: 'pairHexes' },
  { type: 1024, key: 'attr_node_flags', kind: 'octetHex' },
  { type: 1025, key: 'attr_node_opaque', kind: 'hex' },
  { type: 1026, key: 'attr_node_name', kind: 'text' },
  { type: 1027, key: 'attr_isis_area_id', kind: 'hex', several: true },
  { type: 1028, key: 'attr_v4_rid_local', kind: 'address' },
  { type: 1029, key: 'attr_v6_rid_local', kind: 'address' },
  { type: 1030, key: 'attr_v4_rid_remote', kind: 'address' },
  { type: 1031, key: 'attr_v6_rid_remote', kind: 'address' },
  { type: 1034, key: 'attr_sr_capabilities', kind: 'labelRanges' },
  { type: 1035, key: 'attr_sr_algorithms', kind: 'octets' },
  { type: 1036, key: 'attr_sr_local_block', kind: 'labelRanges' },
  { type: 1037, key: 'attr_srms_preference', kind: 'number' },
  { type: 1038, key: 'attr_srv6_capabilities', kind: 'hex' },
  { type: 1088, key: 'attr_admin_group', kind: 'wordHex' },
  { type: 1089, key: 'attr_max_bw', kind: 'bits' },
  { type: 1090, key: 'attr_max_resv_bw', kind: 'bits' },
  { type: 1091, key: 'attr_unresv_bw', kind: 'bitsList' },
  { type: 1092, key: 'attr_te_df_metric', kind: 'number' },
  { type: 1093, key: 'attr_link_protection', kind: 'hex' },
  { type: 1094, key: 'attr_mpls_protocols', kind: 'octetHex' },
  { type: 1095, key: 'attr_igp_metric', kind: 'metric' },
  { type: 1096, key: 'attr_srlg', kind: 'words' },
  { type: 1097, key: 'attr_link_opaque', kind: 'hex' },
  { type: 1098, key: 'attr_link_name', kind: 'text' },
  { type: 1099, key: 'attr_adj_sid', kind: 'adjacencySid', several: true },
  { type: 1100, key: 'attr_lan_adj_sid', kind: 'lanAdjacencySid', several: true },
  { type: 1101, key: 'attr_peer_node_sid', kind: 'adjacencySid' },
  { type: 1102, key: 'attr_peer_adj_sid', kind: 'adjacencySid' },
  { type: 1103, key: 'attr_peer_set_sid', kind: 'adjacencySid', several: true },
  { type: 1106, key: 'attr_srv6_end_x_sid', kind: 'endXSid', several: true },
  { type: 1107, key: 'attr_srv6_lan_end_x_sid', kind: 'lanEndXSid', several: true },
  { type: 1108, key: 'attr_srv6_lan_end_x_sid', kind: 'ospfLanEndXSid', several: true },
  { type: 1114, key: 'attr_link_delay_usec', kind: 'delay' },
  { type: 1115, key: 'attr_link_delay_min_max_usec', kind: 'delays' },
  { type: 1116, key: 'attr_link_delay_variation_usec', kind: 'delay' },
  { type: 1117, key: 'attr_link_loss', kind: 'delay' },
  { type: 1118, key: 'attr_residual_bw', kind: 'bits' },
  { type: 1119, key: 'attr_available_bw', kind: 'bits' },
  { type: 1120, key: 'attr_utilized_bw', kind: 'bits' },
  { type: 1152, key: 'attr_igp_flags', kind: 'octetHex' },
  { type: 1153, key: 'attr_route_tags', kind: 'words' },
  { type: 1154, key: 'attr_extended_route_tags', kind: 'longHexes' },
  { type: 1155, key: 'attr_prefix_metric', kind: 'number' },
  { type: 1156, key: 'attr_ospf_forwarding_address', kind: 'address' },
  { type: 1157, key: 'attr_prefix_opaque', kind: 'hex' },
  { type: 1158, key: 'attr_prefix_sid', kind: 'prefixSid', several: true },
  { type: 1162, key: 'attr_srv6_locator', kind: 'locator' },
  { type: 1170, key: 'attr_prefix_flags', kind: 'hex' },
  { type: 1171, key: 'attr_source_router_id', kind: 'address' },
  { type: 1173, key: 'attr_ext_admin_groups', kind: 'wordHexes' },
  { type: 1174, key: 'attr_source_ospf_router_id', kind: 'address' },
  { type: 1250, key: 'attr_srv6_endpoint_behavior', kind: 'endpointBehavior' },
  { type: 1252, key: 'attr_srv6_sid_structure', kind: 'sidStructure' },
]

export const LINK_STATE_TLVS: ReadonlyMap<number, TlvRow> = new Map(ROWS.map(row => [row.type, row]))
