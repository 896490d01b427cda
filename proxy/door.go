package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"

	"github.com/ambassador-operator/ambassador-operator/proxy/relay"
)

// door is one loopback port: the listeners on it and the relay behind them.
type door struct {
	port      int
	listeners []net.Listener
	server    *relay.Server
	serving   sync.WaitGroup
}

// loopback lists the addresses of a port; the second is left out where there is no IPv6.
var loopback = []struct{ network, host string }{{"tcp4", "127.0.0.1"}, {"tcp6", "::1"}}

// openDoor listens on the port. Nobody is let in yet.
func openDoor(port int) (*door, error) {
	d := &door{port: port}
	for i, at := range loopback {
		listener, err := listen(at.network, net.JoinHostPort(at.host, strconv.Itoa(port)))
		switch {
		case err == nil:
			d.listeners = append(d.listeners, listener)
		case i > 0 && (errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)):
		default:
			d.abort()
			return nil, err
		}
	}
	return d, nil
}

// listen listens, with an error that says what to do when the port is taken.
func listen(network, address string) (net.Listener, error) {
	listener, err := net.Listen(network, address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken; let the other program in this Pod use another port, or give the ambassador one: %w", address, err)
	}
	return listener, err
}

// enter starts serving on all listeners; failed is called when one ends before the door is closed.
func (d *door) enter(failed func(error)) {
	for _, listener := range d.listeners {
		d.serving.Go(func() {
			if err := d.server.Serve(listener); err != nil {
				failed(fmt.Errorf("ambassador: port %d: %w", d.port, err))
			}
		})
	}
}

// close stops accepting and waits until requests in flight have ended, or cuts them off when the context ends: then it
// returns the context's error.
func (d *door) close(ctx context.Context) error {
	err := d.server.Shutdown(ctx)
	d.abort()
	d.serving.Wait()
	return err
}

// abort closes the listeners.
func (d *door) abort() {
	for _, listener := range d.listeners {
		_ = listener.Close()
	}
}

func (d *door) addresses() []string {
	var all []string
	for _, listener := range d.listeners {
		all = append(all, listener.Addr().String())
	}
	return all
}
