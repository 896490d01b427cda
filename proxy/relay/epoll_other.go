//go:build !linux

package relay

import "errors"

// epoll does nothing on this system.
type epoll struct{}

func (epoll) open() error               { return errors.ErrUnsupported }
func (epoll) wait([]int32) (int, error) { return 0, errors.ErrUnsupported }
func (epoll) add(int32) error           { return errors.ErrUnsupported }
func (epoll) remove(int32)              {}
func (epoll) close()                    {}
