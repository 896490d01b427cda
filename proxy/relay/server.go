package relay

import (
	"cmp"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

const (
	// DefaultMaxConnections is how many clients' connections a server has at most where its options do not say.
	DefaultMaxConnections = 8192
	// DefaultMaxRequests is how many requests a server has in flight at most where its options do not say. One that waits for
	// the service holds about 20 KiB; one whose client does not read what has come, 90 KiB, and with TLS up to 160.
	DefaultMaxRequests = 512
	// defaultHeadTimeout bounds the time from a head's first byte to its last.
	defaultHeadTimeout = 10 * time.Second
	// defaultClientIdle is how long a client's connection may idle.
	defaultClientIdle = 5 * time.Minute
	// maxTurnedAway bounds the connections beyond the limit that are told so at one time. Others are closed.
	maxTurnedAway = 64
)

// Options are what a Server needs. The zero value is ready.
type Options struct {
	// Port is the loopback port, the label of the metrics.
	Port int
	// MaxConnections bounds the clients' connections. One more is answered 503 and closed. Zero: DefaultMaxConnections.
	MaxConnections int
	// MaxRequests bounds the requests in flight, tunnels included. One more is answered 503. Zero: DefaultMaxRequests.
	MaxRequests int
	// ClientIdle is how long a client's connection may be without a request. Zero: 5 minutes.
	ClientIdle time.Duration
	// HeadTimeout bounds the time from the first byte of a request's head to its last; one that takes longer is answered
	// 408. Zero: 10 seconds.
	HeadTimeout time.Duration
	// Metrics takes ambassador_connections_refused_total. Nil: a set of its own.
	Metrics *metrics.Set
}

// Server serves the clients of one port. It is safe for concurrent use.
type Server struct {
	port        atomic.Pointer[Port]
	max         int
	maxRequests int32
	requests    atomic.Int32 // in flight
	behind      atomic.Int32 // of them those without a client
	idleTimeout time.Duration
	parkAfter   time.Duration
	headTimeout time.Duration
	refused     *metrics.Counter
	watcher     watcher
	lot         *lot // nil where connections can not be parked
	stop        chan struct{}
	draining    atomic.Bool
	turned      atomic.Int32

	mutex     sync.Mutex // guards what follows
	conns     []*conn
	listeners map[net.Listener]struct{}
	watching  bool
	empty     chan struct{} // closed when the server is draining and the last connection has ended
}

// NewServer makes a server of a port. Serve puts it on a listener.
func NewServer(port *Port, options Options) *Server {
	if options.Metrics == nil {
		options.Metrics = metrics.NewSet()
	}
	s := &Server{
		max:         cmp.Or(options.MaxConnections, DefaultMaxConnections),
		maxRequests: int32(cmp.Or(options.MaxRequests, DefaultMaxRequests)),
		idleTimeout: cmp.Or(options.ClientIdle, defaultClientIdle),
		headTimeout: cmp.Or(options.HeadTimeout, defaultHeadTimeout),
		stop:        make(chan struct{}),
		empty:       make(chan struct{}),
		listeners:   map[net.Listener]struct{}{},
	}
	s.parkAfter = min(parkAfter, s.idleTimeout)
	s.watcher = watcher{server: s, wake: make(chan struct{}, 1)}
	s.port.Store(port)
	labels := `{port="` + strconv.Itoa(options.Port) + `"}`
	s.refused = options.Metrics.GetOrCreateCounter("ambassador_connections_refused_total" + labels)
	return s
}

// Swap puts other services in place. Requests that are in flight end with the ones they began with; connections stay.
func (s *Server) Swap(port *Port) { s.port.Store(port) }

// Connections returns the number of clients' connections.
func (s *Server) Connections() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.conns)
}

// Serve accepts connections until the server is shut down (it then returns nil) or the listener fails for good. It closes
// the listener. Several listeners may be served at once.
func (s *Server) Serve(listener net.Listener) error {
	defer listener.Close()
	if !s.register(listener) {
		return nil
	}
	var pause time.Duration
	for {
		accepted, err := listener.Accept()
		switch {
		case err == nil:
			pause = 0
			s.admit(accepted)
		case s.draining.Load():
			return nil
		case isPassing(err):
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.sleep(pause)
		default:
			return err
		}
	}
}

// isPassing reports whether accepting may succeed later, as when descriptors run out.
func isPassing(err error) bool {
	failure, ok := errors.AsType[net.Error](err)
	return ok && failure.Timeout() || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

func (s *Server) sleep(pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.stop:
	}
}

func (s *Server) register(listener net.Listener) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.draining.Load() {
		return false
	}
	s.listeners[listener] = struct{}{}
	if !s.watching {
		s.watching = true
		s.lot = newLot()
		go s.watcher.run(s.stop)
	}
	return true
}

// admit serves a connection, or tells the client that there are too many.
func (s *Server) admit(accepted net.Conn) {
	tcp, ok := accepted.(*net.TCPConn)
	if !ok {
		accepted.Close()
		return
	}
	c, err := newConn(s, tcp)
	if err != nil {
		tcp.Close()
		return
	}
	if !s.remember(c) {
		s.turnAway(c)
		return
	}
	go c.serve()
}

func (s *Server) remember(c *conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.conns) >= s.max || s.draining.Load() {
		return false
	}
	c.place = len(s.conns)
	s.conns = append(s.conns, c)
	return true
}

func (s *Server) forget(c *conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	last := len(s.conns) - 1
	s.conns[c.place] = s.conns[last]
	s.conns[c.place].place = c.place
	s.conns[last] = nil
	s.conns = s.conns[:last]
	s.closeIfEmpty()
}

func (s *Server) closeIfEmpty() {
	if s.draining.Load() && len(s.conns) == 0 {
		select {
		case <-s.empty:
		default:
			close(s.empty)
		}
	}
}

// turnAway answers 503 and closes. It does not wait for the client in more than a few goroutines.
func (s *Server) turnAway(c *conn) {
	s.refused.Inc()
	if s.turned.Add(1) > maxTurnedAway {
		s.turned.Add(-1)
		c.tcp.Close()
		return
	}
	go func() {
		defer s.turned.Add(-1)
		p := problemOf(errTooManyConnections)
		_ = c.tcp.SetWriteDeadline(time.Now().Add(lingerTime))
		_, _ = c.tcp.Write(p.append(nil, []byte(closes), false)) // one that is gone needs no answer
		c.end(linger)
	}()
}

// each calls f for every connection.
func (s *Server) each(f func(*conn)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, c := range s.conns {
		f(c)
	}
}
