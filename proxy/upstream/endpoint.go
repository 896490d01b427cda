package upstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/route"
)

// connectTimeout bounds name resolution, TCP and TLS together where the document does not.
const connectTimeout = 5 * time.Second

// Resolver finds the addresses of a name. [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what an Endpoint needs besides the document.
type Options struct {
	// Name is the ambassador's, the label of the metrics.
	Name string
	// Folder holds one folder per Secret; the files of an extra CA and a client certificate are read from it at each dial.
	Folder string
	// Resolver resolves the upstream's name. Nil: the system's.
	Resolver Resolver
	// Metrics takes ambassador_upstream_connects_total, _reused_total and _idle_connections. Nil: a set of its own.
	Metrics *metrics.Set
	// Logger is told when a changed certificate file can not be used and the last good one stays. Nil: nobody is.
	Logger *slog.Logger
}

// Endpoint is one external service. It is safe for concurrent use.
type Endpoint struct {
	host     string // without brackets
	port     uint16
	value    []byte // of the Host field
	base     string // path
	resolver Resolver
	denied   []netip.Prefix
	secure   *credentials // nil without TLS
	timeout  time.Duration
	pool     pool
	connects *metrics.Counter
	reused   *metrics.Counter
}

// New makes an endpoint of a valid document's upstream. It reads and dials nothing. It fails when the URL's path is not one
// that requests can be put under.
func New(u *config.Upstream, options Options) (*Endpoint, error) {
	parsed, err := url.Parse(u.URL)
	if err != nil {
		return nil, fmt.Errorf("upstream.url: %w", err)
	}
	e := &Endpoint{
		host:     parsed.Hostname(),
		port:     portOf(parsed),
		value:    []byte(parsed.Host),
		resolver: options.Resolver,
		timeout:  u.Timeouts.Connect.Or(connectTimeout),
	}
	if e.base, err = route.Base(parsed.EscapedPath()); err != nil {
		return nil, err
	}
	if e.resolver == nil {
		e.resolver = net.DefaultResolver
	}
	if e.denied, err = parseDenied(u.DenyCIDRs); err != nil {
		return nil, err
	}
	if parsed.Scheme == "https" {
		e.secure = newCredentials(u.TLS, e.host, options.Folder, options.Logger)
	}
	e.count(options.Metrics, options.Name)
	return e, nil
}

func portOf(u *url.URL) uint16 {
	if address, err := netip.ParseAddrPort("0.0.0.0:" + u.Port()); err == nil {
		return address.Port()
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

func (e *Endpoint) count(set *metrics.Set, name string) {
	if set == nil {
		set = metrics.NewSet()
	}
	labels := `{ambassador="` + name + `"}`
	e.connects = set.GetOrCreateCounter("ambassador_upstream_connects_total" + labels)
	e.reused = set.GetOrCreateCounter("ambassador_upstream_reused_total" + labels)
}

// Host is the value of the Host field that the service expects. It must not be changed.
func (e *Endpoint) Host() []byte { return e.value }

// Base is the path that requests are put under, without a slash at its end.
func (e *Endpoint) Base() string { return e.base }

// Idle returns how many connections are kept for the next request.
func (e *Endpoint) Idle() int { return e.pool.size() }

// Take returns a kept connection, or nil when there is none. It may be stale, which Ask finds out.
func (e *Endpoint) Take() *Conn {
	c := e.pool.take()
	if c != nil {
		e.reused.Inc()
	}
	return c
}

// TakeClean is Take for a request that is not sent by Ask: the connection is good as far as can be known.
func (e *Endpoint) TakeClean() *Conn {
	for {
		c := e.Take()
		if c == nil || c.isClean() {
			return c
		}
		c.Close()
	}
}

// Dial makes a connection within the timeout, or until the context ends. Zero: the document's connect timeout, or 5 seconds
// where it has none. Its errors wrap one of this package's.
func (e *Endpoint) Dial(ctx context.Context, timeout time.Duration) (*Conn, error) {
	timeout = cmp.Or(timeout, e.timeout)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c, err := e.dial(ctx)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("%w (%s): %w", ErrTimeout, timeout, err)
		}
		return nil, err
	}
	e.connects.Inc()
	return c, nil
}

// Put keeps a connection on which the last answer was read to its end, and nothing beyond it.
func (e *Endpoint) Put(c *Conn) { e.pool.put(c) }

// Close closes the kept connections. Those that are taken go on, and are closed when they are put back.
func (e *Endpoint) Close() { e.pool.close() }
