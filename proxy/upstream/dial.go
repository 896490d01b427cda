package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// attemptDelay is how long an address has the field to itself before the next one is tried beside it (RFC 8305 section 5).
const attemptDelay = 250 * time.Millisecond

func (e *Endpoint) dial(ctx context.Context) (*Conn, error) {
	addresses, err := e.addresses(ctx)
	if err != nil {
		return nil, err
	}
	transport, err := race(ctx, addresses)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	c, err := newConn(transport)
	if err == nil && e.secure != nil {
		err = e.secure.handshake(ctx, c)
	}
	if err != nil {
		transport.Close()
		return nil, err
	}
	return c, nil
}

// addresses resolves the name, and leaves out what is denied.
func (e *Endpoint) addresses(ctx context.Context) ([]netip.AddrPort, error) {
	found, err := e.resolve(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnresolved, err)
	}
	var allowed []netip.AddrPort
	for _, address := range found {
		if !isDenied(address, e.denied) {
			allowed = append(allowed, netip.AddrPortFrom(address.Unmap(), e.port))
		}
	}
	if len(allowed) == 0 {
		return nil, ErrRefusedAddress
	}
	return alternate(allowed), nil
}

func (e *Endpoint) resolve(ctx context.Context) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(e.host); err == nil {
		return []netip.Addr{address}, nil
	}
	found, err := e.resolver.LookupNetIP(ctx, "ip", e.host)
	if err == nil && len(found) == 0 {
		err = errors.New("the name has no address")
	}
	return found, err
}

// alternate orders addresses so that the families take turns, beginning with the first one's (RFC 8305 section 4).
func alternate(addresses []netip.AddrPort) []netip.AddrPort {
	first := addresses[0].Addr().Is4()
	var same, other []netip.AddrPort
	for _, a := range addresses {
		if a.Addr().Is4() == first {
			same = append(same, a)
		} else {
			other = append(other, a)
		}
	}
	for i, a := range other {
		same = slices.Insert(same, min(2*i+1, len(same)), a)
	}
	return same
}

type dialled struct {
	conn *net.TCPConn
	err  error
}

// race dials the addresses in their order, the next one as soon as the one before failed or has taken too long. The first
// connection wins.
func race(ctx context.Context, addresses []netip.AddrPort) (*net.TCPConn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan dialled)
	start := func(address netip.AddrPort) {
		conn, err := connect(ctx, address)
		select {
		case results <- dialled{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}
	turn := time.NewTimer(0)
	defer turn.Stop()
	var failed []error
	for next := 0; len(failed) < len(addresses); {
		select {
		case <-ctx.Done():
			return nil, errors.Join(append(failed, ctx.Err())...)
		case r := <-results:
			if r.err == nil {
				return r.conn, nil
			}
			failed = append(failed, r.err)
			turn.Reset(0)
		case <-turn.C:
			if next < len(addresses) {
				go start(addresses[next])
				next++
				turn.Reset(attemptDelay)
			}
		}
	}
	return nil, errors.Join(failed...)
}

func connect(ctx context.Context, address netip.AddrPort) (*net.TCPConn, error) {
	var dialer net.Dialer
	return dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, address)
}
