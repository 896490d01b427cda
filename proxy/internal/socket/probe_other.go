//go:build !linux

package socket

import (
	"syscall"
	"time"
)

// Probe looks at one connection at a time. On this system it finds nothing.
type Probe struct{}

// Look returns 0.
func (p *Probe) Look(syscall.RawConn) Events { return 0 }

// Quiet returns 0.
func Quiet(syscall.RawConn) time.Duration { return 0 }

// Taken returns 0 and false.
func Taken(syscall.RawConn) (bytes uint64, waiting bool) { return 0, false }
