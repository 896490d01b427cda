package upstream

import "time"

// Choice is the endpoint that one attempt goes to. Its zero value is none.
type Choice struct {
	// Endpoint is where the attempt goes.
	Endpoint *Endpoint

	group   *Group // nil where there is no other
	member  *member
	place   int
	isTest  bool
	isHeard bool
}

// Tried is a set of endpoints. Its zero value is empty.
type Tried uint8

// Choose returns the first endpoint that is well, or that is to be tried again, of those that are not in tried; else one
// that is well all the same; else the one that has been failing for longest. What becomes of the attempt is told by Heard,
// and End is called in any case.
func (g *Group) Choose(tried Tried) Choice {
	if len(g.members) == 1 {
		return Choice{Endpoint: g.members[0].Endpoint}
	}
	if g.probes != nil && g.isFailing() {
		g.wake()
	}
	for i, m := range g.members {
		if tried&(1<<i) != 0 {
			continue
		}
		if m.health.isWell() {
			return g.choice(i, false)
		}
		if g.probes == nil && m.health.test() {
			return g.choice(i, true)
		}
	}
	return g.choice(g.least(tried), false)
}

func (g *Group) choice(place int, isTest bool) Choice {
	m := g.members[place]
	return Choice{Endpoint: m.Endpoint, group: g, member: m, place: place, isTest: isTest}
}

// least returns an endpoint that is well, else the one of those not tried that has been failing for longest, else that of all.
func (g *Group) least(tried Tried) int {
	if tried == 1<<len(g.members)-1 {
		tried = 0
	}
	best, oldest := -1, time.Time{}
	for i, m := range g.members {
		since, _ := m.health.look()
		if since.IsZero() {
			return i
		}
		if tried&(1<<i) == 0 && (best < 0 || since.Before(oldest)) {
			best, oldest = i, since
		}
	}
	return best
}

func (g *Group) isFailing() bool {
	for _, m := range g.members {
		if !m.health.isWell() {
			return true
		}
	}
	return false
}

// Add puts the choice among those that were tried.
func (c *Choice) Add(tried Tried) Tried { return tried | 1<<c.place }

// Heard takes in whether the endpoint has answered as one that works. Only the first time counts.
func (c *Choice) Heard(isAnswered bool) {
	if c.group == nil || c.isHeard {
		return
	}
	c.isHeard = true
	c.member.health.heard(isAnswered, c.isTest, c.group.failures, c.group.retryAfter)
}

// End ends the attempt. One of which nothing was heard leaves things as they were.
func (c *Choice) End() {
	if c.isTest && !c.isHeard {
		c.member.health.release()
	}
	*c = Choice{}
}
