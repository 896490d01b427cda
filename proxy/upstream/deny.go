package upstream

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// nat64 is the prefix under which translators reach IPv4 addresses, which are its last 32 bits (RFC 6052 section 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func parseDenied(ranges []string) ([]netip.Prefix, error) {
	if ranges == nil {
		ranges = config.DefaultDenyCIDRs
	}
	var denied []netip.Prefix
	for i, text := range ranges {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("upstream.denyCIDRs[%d]: %w", i, err)
		}
		denied = append(denied, unmap(prefix).Masked())
	}
	return denied, nil
}

// unmap turns a range of IPv4-mapped addresses into the range of the IPv4 addresses.
func unmap(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// isDenied reports whether the address, or the IPv4 address that it stands for, lies in one of the ranges.
func isDenied(address netip.Addr, denied []netip.Prefix) bool {
	address = address.WithZone("")
	in := func(a netip.Addr) bool {
		return slices.ContainsFunc(denied, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	if in(address) || in(address.Unmap()) {
		return true
	}
	if !nat64.Contains(address) {
		return false
	}
	bytes := address.As16()
	return in(netip.AddrFrom4([4]byte(bytes[12:])))
}
