package retry_test

import (
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/retry"
)

const year = 365 * 24 * time.Hour

func one() float64 { return 1 }

func TestARequestIsSentAgainOnlyWhereItMayBe(t *testing.T) {
	all := &config.Retry{Attempts: 3, When: []config.RetryCondition{"connect-failure", "reset", "gateway-error", "429"}}
	after := func(status int, d time.Duration) retry.Result {
		return retry.Result{Status: status, RetryAfter: d, HasRetryAfter: true}
	}
	for _, row := range []struct {
		name                   string
		rule                   *config.Retry
		attempts               int
		result                 retry.Result
		replayable, repeatable bool
		again                  bool
		wait                   time.Duration
		obstacle               retry.Obstacle
	}{
		{"by default where nothing was sent", nil, 1, retry.Result{Unsent: true}, true, false, true, 100 * time.Millisecond, ""},
		{"by default once", nil, 2, retry.Result{Unsent: true}, true, true, false, 0, retry.Exhausted},
		{"by default not after a reset", nil, 1, retry.Result{Reset: true}, true, true, false, 0, ""},
		{"by default not after a status", nil, 1, retry.Result{Status: 503}, true, true, false, 0, ""},
		{"not where the content is gone", all, 1, retry.Result{Unsent: true}, false, false, false, 0, retry.NotRepeatable},
		{"a reset", all, 1, retry.Result{Reset: true}, true, true, true, 100 * time.Millisecond, ""},
		{"a reset of what must not be done twice", all, 1, retry.Result{Reset: true}, true, false, false, 0, retry.NotRepeatable},
		{"502", all, 1, retry.Result{Status: 502}, true, true, true, 100 * time.Millisecond, ""},
		{"503 for the second time", all, 2, retry.Result{Status: 503}, true, true, true, 200 * time.Millisecond, ""},
		{"504 for the last time", all, 3, retry.Result{Status: 504}, true, true, false, 0, retry.Exhausted},
		{"504 to what must not be done twice", all, 1, retry.Result{Status: 504}, true, false, false, 0, retry.NotRepeatable},
		{"500 is not listed", all, 1, retry.Result{Status: 500}, true, true, false, 0, ""},
		{"429 with a time", all, 1, after(429, 2*time.Second), true, true, true, 2 * time.Second, ""},
		{"429 with less than the back-off", all, 1, after(429, time.Millisecond), true, true, true, 100 * time.Millisecond, ""},
		{"429 at the limit", all, 1, after(429, 10*time.Second), true, true, true, 10 * time.Second, ""},
		{"429 with a year", all, 1, after(429, year), true, true, false, 0, retry.TooLong},
		{"a limit of its own", &config.Retry{When: []config.RetryCondition{"429"}, MaxRetryAfter: config.Duration(time.Minute)}, 1, after(429, 30*time.Second), true, true, true, 30 * time.Second, ""},
		{"200", all, 1, retry.Result{Status: 200}, true, true, false, 0, ""},
		{"the client went", all, 1, retry.Result{}, true, true, false, 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := retry.Compile(row.rule).Judge(row.attempts, row.result, row.replayable, row.repeatable, one)
			if v.Again != row.again || v.Wait != row.wait || v.Obstacle != row.obstacle {
				t.Errorf("%+v; want again %v after %v, obstacle %q", v, row.again, row.wait, row.obstacle)
			}
		})
	}
}

func TestTheBackoffDoublesUpToItsBoundAndIsRandomBelow(t *testing.T) {
	p := retry.Compile(&config.Retry{Attempts: 10, BaseBackoff: config.Duration(time.Second), MaxBackoff: config.Duration(6 * time.Second)})
	for attempts, bound := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 6, 5: 6, 9: 6} {
		for _, chance := range []float64{0, 0.25, 1} {
			v := p.Judge(attempts, retry.Result{Unsent: true}, true, true, func() float64 { return chance })
			if want := time.Duration(chance * float64(bound*time.Second)); v.Wait != want {
				t.Errorf("after attempt %d, chance %v: %v, want %v", attempts, chance, v.Wait, want)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		value string
		after time.Duration
		ok    bool
	}{
		{"0", 0, true},
		{"120", 2 * time.Minute, true},
		{" 7 ", 7 * time.Second, true},
		{"31536000", year, true},
		{"99999999999999999999999999", 9223372036 * time.Second, true},
		{"Wed, 25 Nov 2026 12:00:30 GMT", 30 * time.Second, true},
		{"Wednesday, 25-Nov-26 12:00:30 GMT", 30 * time.Second, true},
		{"Wed Nov 25 12:00:30 2026", 30 * time.Second, true},
		{"Wed, 25 Nov 2020 12:00:00 GMT", 0, true},
		{"Thu, 25 Nov 2027 12:00:00 GMT", year, true},
		{"", 0, false},
		{"-5", 0, false},
		{"+5", 0, false},
		{"1.5", 0, false},
		{"5s", 0, false},
		{"soon", 0, false},
		{"Wed, 99 Nov 2026 12:00:30 GMT", 0, false},
	} {
		if after, ok := retry.After([]byte(row.value), now); after != row.after || ok != row.ok {
			t.Errorf("%q: %v, %v; want %v, %v", row.value, after, ok, row.after, row.ok)
		}
	}
}

func TestTheBudgetIsAFifthOfTheLiveCallsAndThreeAtLeast(t *testing.T) {
	for live, want := range map[int]int{0: 3, 1: 3, 15: 3, 19: 3, 20: 4, 100: 20} {
		var b retry.Budget
		for range live {
			b.Begin()
		}
		taken := 0
		for b.Take() {
			taken++
		}
		if taken != want {
			t.Errorf("%d live: %d retried at one time, want %d", live, taken, want)
		}
		b.Return()
		if !b.Take() {
			t.Errorf("%d live: a place that was given back can not be taken", live)
		}
		for range live {
			b.Finish()
		}
		for range want {
			b.Return()
		}
		if live, retried := b.Live(); live != 0 || retried != 0 {
			t.Errorf("%d and %d are left", live, retried)
		}
	}
}

func TestNoBurstBreaksTheBudget(t *testing.T) {
	var b retry.Budget
	for range 50 {
		b.Begin()
	}
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			for range 1000 {
				if !b.Take() {
					continue
				}
				if _, retried := b.Live(); retried > 10 {
					t.Errorf("%d are retried", retried)
				}
				b.Return()
			}
		})
	}
	callers.Wait()
}

func TestKeysAreRandomUUIDs(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		key := string(retry.AppendKey(nil))
		if !form.MatchString(key) || seen[key] {
			t.Errorf("key %q", key)
		}
		seen[key] = true
	}
}
