package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/cmd/kubectl-ambassador/internal/admit"
	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// checked is a resource with all that was found wrong with it.
type checked struct {
	admit.Resource
	// refused is how many of its mistakes the API server would refuse it for. What is wrong with such a field is said.
	refused int
}

// checks are resources that are checked together.
type checks struct {
	all []checked
	// notes say what is not there to be checked.
	notes []string
}

// check reports on resources beyond what the API server refuses them for: with their names, their documents, their programs
// and examples, with those that they take in, and with their templates.
func check(resources []admit.Resource) *checks {
	c := &checks{}
	for i := range resources {
		c.all = append(c.all, checked{resources[i], len(resources[i].Mistakes)})
	}
	for i := range c.all {
		if c.all[i].Ambassador != nil {
			c.checkName(i)
			c.checkDocument(i)
		}
	}
	for i := range c.all {
		c.checkTemplate(i)
	}
	return c
}

// mistakes returns all that is wrong in the order of the resources and of their lines, or nil.
func (c *checks) mistakes() error {
	var errs []error
	for i := range c.all {
		found := slices.Clone(c.all[i].Mistakes)
		slices.SortStableFunc(found, func(a, b admit.Mistake) int { return cmp.Compare(a.Line, b.Line) })
		for _, mistake := range found {
			errs = append(errs, mistake)
		}
	}
	return errors.Join(errs...)
}

// checkName reports a name that an earlier resource of the same namespace has, and names to take in that make no sense.
func (c *checks) checkName(i int) {
	one := c.all[i].Ambassador
	if first := c.find(one.Namespace, one.Name); first != i {
		c.add(i, fmt.Errorf("metadata.name: %q is the name of another Ambassador in these files; give each its own", one.Name))
	}
	c.add(i, build.CheckNames(one))
}

// find returns the first resource of that name, or -1.
func (c *checks) find(namespace, name string) int {
	return slices.IndexFunc(c.all, func(r checked) bool {
		return r.Ambassador != nil && r.Name == name && r.Namespace == namespace
	})
}

func (c *checks) checkDocument(i int) {
	members := c.members(i)
	c.addOf(members, build.Document(c.all[i].Ambassador, c.guests(members)...).Validate())
	c.addOf(members[:1], mapping.CheckDocument(build.Document(c.all[i].Ambassador)))
	for _, name := range build.Names(c.all[i].Ambassador) {
		if c.find(c.all[i].Namespace, name) < 0 {
			c.notes = append(c.notes, fmt.Sprintf("Ambassador %s takes in %s, which is in none of the files; give its file too, to have both together", c.all[i].Name, name))
		}
	}
}

// checkTemplate builds what the operator would apply, where nothing is wrong so far: what it refuses then is the template.
func (c *checks) checkTemplate(i int) {
	members := c.members(i)
	if slices.ContainsFunc(members, func(at int) bool { return len(c.all[at].Mistakes) > 0 }) {
		return
	}
	one, guests := c.all[i].DeepCopy(), c.guests(members)
	if len(guests) < len(build.Names(one)) {
		var names []string
		for _, guest := range guests {
			names = append(names, guest.Name)
		}
		one.Spec.Workload.Template.Annotations[build.AmbassadorsAnnotation] = strings.Join(names, ",")
	}
	_, err := controllers.Preview(one, guests, build.Options{SidecarImage: repository})
	c.add(i, err)
}

// ambassadors lists them all, in the order of the files. None may have a mistake.
func (c *checks) ambassadors() []*v1alpha1.Ambassador {
	var all []*v1alpha1.Ambassador
	for i := range c.all {
		all = append(all, c.all[i].Ambassador)
	}
	return all
}

// together returns the document of one sidecar that serves them all, and reports what stands in its way.
func (c *checks) together() (*config.Document, error) {
	all := c.ambassadors()
	document := build.Document(all[0], all[1:]...)
	members := make([]int, len(all))
	for i := range members {
		members[i] = i
	}
	c.addOf(members, document.Validate())
	return document, c.mistakes()
}

// members lists the resource and those that it takes in, as far as there are.
func (c *checks) members(i int) []int {
	members := []int{i}
	if c.all[i].Ambassador == nil {
		return members
	}
	for _, name := range build.Names(c.all[i].Ambassador) {
		if at := c.find(c.all[i].Namespace, name); at >= 0 && !slices.Contains(members, at) {
			members = append(members, at)
		}
	}
	return members
}

// guests are the Ambassadors of all members but the first.
func (c *checks) guests(members []int) []*v1alpha1.Ambassador {
	var guests []*v1alpha1.Ambassador
	for _, at := range members[1:] {
		guests = append(guests, c.all[at].Ambassador)
	}
	return guests
}

// addOf reports what is wrong with a document, each mistake with the resource that it is about. The members are the
// document's ambassadors.
func (c *checks) addOf(members []int, err error) {
	if err == nil {
		return
	}
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSuffix(line, "\n")
		rest, _ := strings.CutPrefix(line, "ambassadors[")
		number, field, found := strings.Cut(rest, "].")
		if at, err := strconv.Atoi(number); found && err == nil && at < len(members) {
			c.add(members[at], errors.New("spec."+field))
		} else {
			c.add(members[0], errors.New(line))
		}
	}
}

// add reports each line of an error, but not a second time, and not where the API server has said what is wrong.
func (c *checks) add(i int, err error) {
	if err == nil {
		return
	}
	one := &c.all[i]
	for _, mistake := range one.Locations(err) {
		said := slices.Contains(one.Mistakes, mistake) ||
			slices.ContainsFunc(one.Mistakes[:one.refused], func(m admit.Mistake) bool { return covers(m.Field, mistake.Field) })
		if !said {
			one.Mistakes = append(one.Mistakes, mistake)
		}
	}
}

// covers reports whether one field is the other, or holds it. The resource and its spec as wholes hold too much for that.
func covers(outer, field string) bool {
	rest, found := strings.CutPrefix(field, outer)
	return found && outer != "" && outer != "spec" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
