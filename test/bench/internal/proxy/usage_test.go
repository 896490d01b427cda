package proxy

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

func TestUsageIsTheKernelsCountForEveryProcess(t *testing.T) {
	child := exec.Command("sh", "-c", "cat & cat")
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { input.Close(); child.Wait() })
	self := &Running{Name: "self", command: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	if err := self.Refresh(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(self.Pids(), child.Process.Pid) || self.Pids()[0] != os.Getpid() {
		t.Errorf("processes %v lack the child %d", self.Pids(), child.Process.Pid)
	}
	before, err := self.CPU()
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
	}
	after, err := self.CPU()
	if err != nil || after <= before {
		t.Errorf("CPU went from %v to %v: %v", before, after, err)
	}
	memory, err := self.Resident()
	if err != nil || memory < 1<<20 || memory > 1<<30 {
		t.Errorf("%d bytes resident: %v", memory, err)
	}
}
