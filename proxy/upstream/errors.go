package upstream

import "errors"

// Why there is no connection. Every error of [Endpoint.Dial] wraps one of these.
var (
	// ErrUnresolved: the name has no address, or could not be asked for.
	ErrUnresolved = errors.New("the upstream's name can not be resolved")
	// ErrRefusedAddress: every address that the name has lies in a denied range.
	ErrRefusedAddress = errors.New("the upstream's addresses are all denied by denyCIDRs")
	// ErrUnreachable: no address accepted a TCP connection.
	ErrUnreachable = errors.New("the upstream can not be reached")
	// ErrTLS: the handshake failed, or the files it needs can not be used.
	ErrTLS = errors.New("the TLS handshake with the upstream failed")
	// ErrTimeout: the connect timeout passed first.
	ErrTimeout = errors.New("the upstream did not accept a connection in time")
)

// ErrStale is returned by [Conn.Ask] on a connection that can not be used any more. The request was not sent.
var ErrStale = errors.New("the connection is closed, or not at a request's beginning")
