// Package freeport finds ports for programs under test to listen on.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// lowest and highest bound the ports: below those that the kernel gives to outgoing connections and Kubernetes to services,
// so that a port which is free stays so until a program listens on it.
const lowest, highest = 12000, 29999

var (
	mutex sync.Mutex
	given = map[int]bool{}
)

// Get returns a loopback port that nobody listens on and that this process was not given before. It fails where a
// thousand tries find none.
func Get() (int, error) {
	mutex.Lock()
	defer mutex.Unlock()
	for range 1000 {
		port := lowest + rand.IntN(highest-lowest+1)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = listener.Close()
		if !given[port] {
			given[port] = true
			return port, nil
		}
	}
	return 0, errors.New("freeport: no port is free")
}
