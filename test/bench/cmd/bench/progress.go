package main

import (
	"fmt"
	"os"
	"time"
)

// progress tells the person who waits how far things are and how long they will take.
type progress struct {
	began       time.Time
	done, total int
}

func newProgress(total int) *progress { return &progress{began: time.Now(), total: total} }

// step says what was found last.
func (p *progress) step(what string) {
	p.done++
	left := time.Since(p.began) / time.Duration(p.done) * time.Duration(p.total-p.done)
	fmt.Fprintf(os.Stderr, "[%d/%d, %v left] %s\n", p.done, p.total, left.Round(time.Second), what)
}
