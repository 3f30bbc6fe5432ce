import { type EventPattern, eventPatterns } from './event-table.ts';

/** dnsmasq's own source text, as of January 2026. */
const DNSMASQ = 'dnsmasq source: src/rfc2131.c, src/rfc3315.c, src/dhcp.c, src/lease.c, src/radv.c';
/** odhcpd's own source text, as of 2026. */
const ODHCPD = 'odhcpd source: src/dhcpv4.c, src/dhcpv6-ia.c, src/router.c';

/** Why an address was not given stands in the very line of the request, so that the reasons come first. */
const DNSMASQ_EVENTS = eventPatterns(['dnsmasq-dhcp'], DNSMASQ, [
  ['dhcp_exhausted', 'no address available', 'DHCPDISCOVER(br-lan) 00:00:5e:00:53:01 no address available'],
  [
    'dhcp_exhausted',
    'no addresses available',
    'DHCPADVERTISE(br-lan) 00:03:00:01:00:00:5e:00:53:01 no addresses available',
  ],
  ['dhcp_exhausted', 'no leases left', 'DHCPREQUEST(br-lan) 192.168.1.20 00:00:5e:00:53:01 no leases left'],
  ['dhcp_exhausted', 'no address range available', 'no address range available for DHCP request via br-lan'],
  ['dhcp_request', 'DHCPREQUEST(', 'DHCPREQUEST(br-lan) 192.168.1.20 00:00:5e:00:53:01 '],
  ['dhcp_ack', 'DHCPACK(', 'DHCPACK(br-lan) 192.168.1.20 00:00:5e:00:53:01 laptop'],
  ['dhcp_discover', 'DHCPDISCOVER(', 'DHCPDISCOVER(br-lan) 00:00:5e:00:53:01 '],
  ['dhcp_offer', 'DHCPOFFER(', 'DHCPOFFER(br-lan) 192.168.1.20 00:00:5e:00:53:01 '],
  ['dhcp_nak', 'DHCPNAK(', 'DHCPNAK(br-lan) 192.168.1.20 00:00:5e:00:53:01 wrong network'],
  ['dhcp_decline', 'DHCPDECLINE(', 'DHCPDECLINE(br-lan) 192.168.1.20 00:00:5e:00:53:01 '],
  ['dhcp_decline', 'abandoning lease', 'abandoning lease to 00:00:5e:00:53:01 of 192.168.1.20'],
  ['dhcp_decline', 'disabling DHCP static', 'disabling DHCP static address 192.168.1.20 for 10m'],
  ['dhcp_release', 'DHCPRELEASE(', 'DHCPRELEASE(br-lan) 192.168.1.20 00:00:5e:00:53:01 '],
  ['dhcp_inform', 'DHCPINFORM(', 'DHCPINFORM(br-lan) 192.168.1.20 00:00:5e:00:53:01 '],
  [
    'dhcp_name',
    'not giving name',
    'not giving name laptop to the DHCP lease of 192.168.1.20 because it exists in /etc/hosts',
  ],
  ['start_detail', 'DHCP, ', 'DHCP, IP range 192.168.1.20 -- 192.168.1.249, lease time 12h'],
  ['start_detail', 'DHCPv6, ', 'DHCPv6, IP range 2001:db8::1000 -- 2001:db8::1fff, lease time 12h'],
  ['router_advert', 'router advertisement', 'IPv6 router advertisement enabled'],
  ['router_advert', 'RTR-', 'RTR-ADVERT(br-lan) 2001:db8::'],
  ['dhcp6', 'SLAAC-CONFIRM(', 'SLAAC-CONFIRM(br-lan) 2001:db8::20 laptop'],
  ['dhcp6', 'DHCPSOLICIT(', 'DHCPSOLICIT(br-lan) 00:03:00:01:00:00:5e:00:53:01 '],
  ['dhcp6', 'DHCPADVERTISE(', 'DHCPADVERTISE(br-lan) 2001:db8::20 00:03:00:01:00:00:5e:00:53:01 '],
  ['dhcp6', 'DHCPREPLY(', 'DHCPREPLY(br-lan) 2001:db8::20 00:03:00:01:00:00:5e:00:53:01 laptop'],
  ['dhcp6', 'DHCPRENEW(', 'DHCPRENEW(br-lan) 00:03:00:01:00:00:5e:00:53:01'],
  ['dhcp6', 'DHCPREBIND(', 'DHCPREBIND(br-lan) 00:03:00:01:00:00:5e:00:53:01'],
  ['dhcp6', 'DHCPCONFIRM(', 'DHCPCONFIRM(br-lan) 00:03:00:01:00:00:5e:00:53:01'],
  ['dhcp6', 'DHCPINFORMATION-REQUEST(', 'DHCPINFORMATION-REQUEST(br-lan) 00:03:00:01:00:00:5e:00:53:01 '],
  ['fault', 'which has no address', 'DHCP packet received on br-lan which has no address'],
  ['fault', 'Error sending DHCP packet', 'Error sending DHCP packet to 192.168.1.20: Network unreachable'],
  ['fault', 'failed to ', 'failed to write /tmp/dhcp.leases: No space left on device (retry in 60 s)'],
]);

const ODHCPD_EVENTS = eventPatterns(['odhcpd'], ODHCPD, [
  [
    'router_advert',
    'ra_lifetime',
    "A default route is present but there is no public prefix on lan thus we don't announce a default route by overriding ra_lifetime!",
  ],
  ['router_advert', 'RA lifetime', 'Using a RA lifetime of 0 seconds on br-lan'],
  ['dhcp_exhausted', 'pool exhausted', "Can't assign any IP address, DHCP pool exhausted on br-lan"],
  ['dhcp_discover', 'DHCPV4_MSG_DISCOVER', 'Received DHCPV4_MSG_DISCOVER from 00:00:5e:00:53:01 on br-lan'],
  ['dhcp_offer', 'DHCPV4_MSG_OFFER', 'Sent DHCPV4_MSG_OFFER to 00:00:5e:00:53:01 - 192.168.1.20'],
  ['dhcp_request', 'DHCPV4_MSG_REQUEST', 'Received DHCPV4_MSG_REQUEST from 00:00:5e:00:53:01 on br-lan'],
  ['dhcp_ack', 'DHCPV4_MSG_ACK', 'Sent DHCPV4_MSG_ACK to 00:00:5e:00:53:01 - 192.168.1.20'],
  ['dhcp_nak', 'DHCPV4_MSG_NAK', 'Sent DHCPV4_MSG_NAK to 00:00:5e:00:53:01 - 192.168.1.20'],
  ['dhcp_decline', 'DHCPV4_MSG_DECLINE', 'Received DHCPV4_MSG_DECLINE from 00:00:5e:00:53:01 on br-lan'],
  ['dhcp_release', 'DHCPV4_MSG_RELEASE', 'Received DHCPV4_MSG_RELEASE from 00:00:5e:00:53:01 on br-lan'],
  ['dhcp_inform', 'DHCPV4_MSG_INFORM', 'Received DHCPV4_MSG_INFORM from 00:00:5e:00:53:01 on br-lan'],
  ['dhcp6', 'DHCPV6 ', 'DHCPV6 REQUEST IA_NA from 0003000100005e005301 on br-lan: ok 2001:db8::20/128'],
  ['start_detail', 'DHCPv4: providing', "DHCPv4: providing static leases on interface 'lan'"],
  ['fault', 'no suitable networks', "DHCPv4: no suitable networks on interface 'lan'"],
  ['fault', 'Failed to ', 'Failed to send to ff02::1%lan@br-lan (Address not available)'],
]);

/** What the servers of addresses log: DHCP of both kinds and router advertisements. */
export const DHCP_EVENTS: readonly EventPattern[] = [...DNSMASQ_EVENTS, ...ODHCPD_EVENTS];
