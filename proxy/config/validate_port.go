package config

import "fmt"

// place is where a route stands in a document.
type place struct {
	ambassador, route int
	path              string
}

// sharedPorts checks that no request fits routes of two ambassadors of one port equally well.
func (c *checker) sharedPorts(ambassadors []Ambassador) {
	if len(ambassadors) < 2 {
		return
	}
	taken := map[string]place{}
	for i := range ambassadors {
		a := &ambassadors[i]
		routes := a.Routes
		if len(routes) == 0 {
			routes = []Route{{Path: "/"}}
		}
		for j := range routes {
			c.sharedRoute(ambassadors, taken, place{i, j, routes[j].Path}, &routes[j])
		}
	}
}

// sharedRoute enters one route, and reports the first request that another ambassador's route answers too. What two routes
// of one ambassador answer is reported with its routes.
func (c *checker) sharedRoute(ambassadors []Ambassador, taken map[string]place, here place, r *Route) {
	a := &ambassadors[here.ambassador]
	for _, request := range requestsOf(r) {
		key := fmt.Sprint(a.Port, " ", request)
		first, found := taken[key]
		if !found {
			taken[key] = here
			continue
		}
		if first.ambassador == here.ambassador {
			continue
		}
		what := fmt.Sprintf("%q of %q", here.path, a.Name)
		if len(a.Routes) == 0 {
			what = fmt.Sprintf("%q has no routes, which means %q, and", a.Name, here.path)
		}
		c.fail(fmt.Sprintf("ambassadors[%d].routes[%d].path", here.ambassador, here.route),
			"%s answers what %q of %q answers on port %d too; give one another path, other methods or another port",
			what, first.path, ambassadors[first.ambassador].Name, a.Port)
		return
	}
}
