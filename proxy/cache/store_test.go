package cache_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/cache"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

const fresh = "200\nCache-Control: max-age=3600"

func TestAStoreStaysWithinItsBytes(t *testing.T) {
	const bound = 64 << 10
	w := newWorld(t, config.CacheRule{}, &config.Cache{MaxBytes: bound, MaxEntryBytes: 16 << 10})
	for i := range 1000 {
		w.ask("GET /"+itoa(i), fresh, strings.Repeat("x", rand.IntN(17<<10)))
		if got := w.store.Usage().Bytes; got > bound {
			t.Fatalf("%d bytes, want %d at most", got, bound)
		}
	}
	if got := w.store.Usage(); got.Entries < 3 || got.Evicted == 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsAskedForStays(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, &config.Cache{MaxBytes: 64 << 10})
	for i := range 200 {
		w.ask("GET /hot", fresh, strings.Repeat("x", 1<<10))
		w.ask("GET /"+itoa(i), fresh, strings.Repeat("x", 1<<10))
		if verdict, _ := w.look("GET /hot"); verdict != cache.Hit {
			t.Fatalf("it went after %d others", i)
		}
	}
}

func TestAnAnswerThatIsTooLongIsNotKept(t *testing.T) {
	for _, length := range []int64{-1, 20 << 10} {
		w := newWorld(t, config.CacheRule{}, &config.Cache{MaxBytes: 64 << 10, MaxEntryBytes: 16 << 10})
		q := w.query("GET /a")
		fill, _ := w.store.Begin(q, true, w.now)
		resp := w.answer(fresh)
		isKept := fill.Keep(q.Judge(resp, 0, w.clock()), 200, nil, resp.Fields, length, noon)
		for range 20 {
			isKept = isKept && fill.Write(make([]byte, 1<<10))
		}
		fill.Commit()
		if got := w.store.Usage(); isKept || got.Bytes != 0 {
			t.Errorf("length %d: kept %t, %+v", length, isKept, got)
		}
		if _, leads := w.store.Begin(w.query("GET /a"), true, w.now); !leads {
			t.Error("somebody waits")
		}
	}
}

func TestNobodyWaitsForWhatIsNotKept(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, nil)
	begin := func() (*cache.Fill, bool) { return w.store.Begin(w.query("GET /a"), true, w.now) }
	w.ask("GET /a", "200\nCache-Control: no-store", "")
	first, _ := begin()
	second, leads := begin()
	if !leads {
		t.Fatal("the second waits, although the answer before was not kept")
	}
	first.Abandon()
	second.Abandon()
	w.now += time.Minute
	first, _ = begin()
	if _, leads = begin(); leads {
		t.Fatal("that is remembered for good")
	}
	first.Abandon()
}

func TestAStoreInManyHands(t *testing.T) {
	w := newWorld(t, config.CacheRule{}, &config.Cache{MaxBytes: 64 << 10})
	var running sync.WaitGroup
	for worker := range 8 {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 500 {
				hand := &world{t: t, store: w.store, now: time.Duration(random.IntN(100)) * time.Second}
				target := itoa(random.IntN(40))
				switch random.IntN(20) {
				case 0:
					w.store.Purge([]byte("/" + target))
				default:
					owner := random.IntN(20) / 19
					hand.use(random, owner, target)
				}
			}
		})
	}
	running.Wait()
	for i := range 40 {
		w.store.Purge([]byte("/" + itoa(i)))
	}
	if got := w.store.Usage(); got.Bytes != 0 || got.Entries != 0 {
		t.Errorf("left: %+v", got)
	}
}

// use asks for a target, waits for whoever asks already, and checks that an entry is whole and of its target.
func (w *world) use(random *rand.Rand, owner any, target string) {
	body := strings.Repeat(target+" ", 100+random.IntN(1000))
	q := w.query("GET /" + target)
	q.Owner = owner
	if outcome := w.store.Look(q, w.now); outcome.Entry != nil {
		if got := string(outcome.Entry.Body()); strings.Trim(got, target+" ") != "" || !strings.HasPrefix(got, target+" ") {
			w.t.Errorf("%s: %.20q", target, got)
		}
		return
	}
	fill, leads := w.store.Begin(q, true, w.now)
	if !leads {
		<-fill.Done()
	}
	if !leads || fill == nil {
		return
	}
	defer fill.Abandon()
	resp := w.answer(fresh + "\nVary: Accept")
	if random.IntN(4) > 0 && fill.Keep(q.Judge(resp, w.now, w.clock()), 200, nil, resp.Fields, -1, noon) && fill.Write([]byte(body)) {
		fill.Commit()
	}
}

func BenchmarkLook(b *testing.B) {
	w := newWorld(b, config.CacheRule{}, nil)
	w.ask("GET /a", fresh, strings.Repeat("x", 1<<10))
	q := w.query("GET /a\nAccept: application/json\nUser-Agent: test\nAccept-Encoding: gzip")
	room := make([]byte, 0, 4<<10)
	b.ReportAllocs()
	for b.Loop() {
		outcome := w.store.Look(q, w.now)
		room = outcome.Entry.AppendHead(room[:0], w.now)
	}
}
