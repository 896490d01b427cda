package relay

import (
	"errors"
	"fmt"
)

// Why an exchange failed. problemOf turns these, those of package upstream and those of package http1 into answers.
var (
	errNoRequest          = errors.New("the client closed the connection between requests")
	errClientGone         = errors.New("the client is gone")
	errHeadTimeout        = errors.New("the request's head did not come in time")
	errBodyTimeout        = errors.New("the request's content stopped coming")
	errBodyShort          = errors.New("the request's content ended early")
	errNotFound           = errors.New("no route covers the path")
	errMethodNotAllowed   = errors.New("the route does not answer the method")
	errUnsafePath         = errors.New("the path is not safe to forward")
	errCredentialMissing  = errors.New("a credential is missing")
	errUpstreamNotAllowed = errors.New("a credential may not be spent at this upstream")
	errUpstreamReset      = errors.New("the upstream closed the connection")
	errUpstreamTimeout    = errors.New("the upstream did not answer in time")
	errOverdue            = errors.New("the call took longer than it may")
	errBadDeadline        = errors.New("the deadline field holds no time")
	errBadAnswer          = errors.New("the upstream's answer is not valid")
	errMapping            = errors.New("the upstream's answer could not be mapped")
	errTooManyConnections = errors.New("too many connections")
	errTooManyRequests    = errors.New("too many requests in flight")

	// Causes of errBadAnswer.
	errUnasked = errors.New("a switch to a protocol that was not asked for")
	errInterim = errors.New("too many interim answers")
)

// because wraps a cause in one of the reasons above.
func because(reason, cause error) error { return fmt.Errorf("%w: %w", reason, cause) }
