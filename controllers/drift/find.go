package drift

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Find returns the path of the first field that desired sets and live does not hold as desired has it, or "" when there
// is none. Both are values or pointers of one type; it panics where they are not. A field that is zero in desired counts
// as not set, and the kind of an object is not compared, because objects of a typed client do not repeat it.
func Find(desired, live any) string {
	return find(reflect.ValueOf(desired), reflect.ValueOf(live))
}

func find(desired, live reflect.Value) string {
	if equal, known := byMeaning(desired, live); known {
		return unless(equal)
	}
	switch desired.Kind() {
	case reflect.Pointer:
		if desired.IsNil() {
			return ""
		}
		if live.IsNil() {
			return here
		}
		return find(desired.Elem(), live.Elem())
	case reflect.Struct:
		return findInStruct(desired, live)
	case reflect.Map:
		return findInMap(desired, live)
	case reflect.Slice:
		return findInList(desired, live)
	default:
		return unless(reflect.DeepEqual(desired.Interface(), live.Interface()))
	}
}

// here is the path of the value itself; callers put the names that lead to it in front.
const here = "."

func unless(equal bool) string {
	if equal {
		return ""
	}
	return here
}

// byMeaning compares the types of which two different values can say the same.
func byMeaning(desired, live reflect.Value) (equal, known bool) {
	if desired.Kind() != reflect.Struct {
		return false, false
	}
	switch d := desired.Interface().(type) {
	case resource.Quantity:
		return d.Cmp(live.Interface().(resource.Quantity)) == 0, true
	case metav1.Time:
		l := live.Interface().(metav1.Time)
		return d.Equal(&l), true
	case metav1.TypeMeta:
		return true, true
	case intstr.IntOrString:
		return d == live.Interface().(intstr.IntOrString), true
	}
	return false, false
}

func findInStruct(desired, live reflect.Value) string {
	kind := desired.Type()
	for i := range kind.NumField() {
		d, l := desired.Field(i), live.Field(i)
		if d.IsZero() {
			continue
		}
		field := kind.Field(i)
		at := find
		if key := mergeKey(field); key != "" {
			at = func(d, l reflect.Value) string { return findByKey(d, l, key) }
		}
		if path := at(d, l); path != "" {
			return under(jsonName(field), path)
		}
	}
	return ""
}

func findInMap(desired, live reflect.Value) string {
	for entries := desired.MapRange(); entries.Next(); {
		l := live.MapIndex(entries.Key())
		if !l.IsValid() {
			return under(fmt.Sprintf("[%v]", entries.Key()), here)
		}
		if path := find(entries.Value(), l); path != "" {
			return under(fmt.Sprintf("[%v]", entries.Key()), path)
		}
	}
	return ""
}

// findInList compares a list that has one owner: the same length, the same order.
func findInList(desired, live reflect.Value) string {
	if desired.Len() != live.Len() {
		return here
	}
	for i := range desired.Len() {
		if path := find(desired.Index(i), live.Index(i)); path != "" {
			return under(fmt.Sprintf("[%d]", i), path)
		}
	}
	return ""
}

// findByKey compares a list that several owners share: each desired element must be there under its key. Several
// elements may carry one key (a port served by TCP and UDP); one of them must do.
func findByKey(desired, live reflect.Value, key string) string {
	for i := range desired.Len() {
		d := desired.Index(i)
		name := fmt.Sprint(keyOf(d, key))
		path := here
		for j := 0; j < live.Len() && path != ""; j++ {
			if l := live.Index(j); fmt.Sprint(keyOf(l, key)) == name {
				path = find(d, l)
			}
		}
		if path != "" {
			return under("["+name+"]", path)
		}
	}
	return ""
}

// mergeKey returns the JSON name of the field by which the elements of a shared list are told apart, or "".
func mergeKey(field reflect.StructField) string {
	strategies := strings.Split(field.Tag.Get("patchStrategy"), ",")
	if field.Type.Kind() != reflect.Slice || !slices.Contains(strategies, "merge") {
		return ""
	}
	return field.Tag.Get("patchMergeKey")
}

func keyOf(element reflect.Value, key string) any {
	for i := range element.NumField() {
		if jsonName(element.Type().Field(i)) == key {
			return element.Field(i).Interface()
		}
	}
	return nil
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// under puts a name in front of a path; an embedded struct has no name.
func under(name, path string) string {
	switch {
	case name == "":
		return path
	case path == here:
		return name
	case strings.HasPrefix(path, "["):
		return name + path
	default:
		return name + "." + path
	}
}
