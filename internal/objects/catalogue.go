package objects

import (
	_ "embed" // the catalogue is a part of the binary, and costs nothing until it is read
	"iter"
	"slices"
	"strings"
)

// catalogue has one line for each object type that the metadata of v22 lists, in the order of their codes:
//
//	code;name;label (where it differs from the name);endpoints;actions;queries
//
// The endpoints are letters, of which [endpoints] and the constants beside it tell the meaning. They, the actions and the
// queries are those of the OpenAPI description of v19, the newest one there is.
//
//go:embed catalogue.txt
var catalogue string

// Object is a type of object, as the catalogue has it.
type Object struct {
	Code  string // PROJ
	Name  string // Project, as Workfront's messages and metadata call it
	Label string // what people read on the screen; often the name
	facts string // the rest of the line
}

// All goes through the catalogue, by code.
func All() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for line := range strings.Lines(catalogue) {
			if !yield(parseObject(strings.TrimSuffix(line, "\n"))) {
				return
			}
		}
	}
}

func parseObject(line string) Object {
	var o Object
	o.Code, line, _ = strings.Cut(line, ";")
	o.Name, line, _ = strings.Cut(line, ";")
	o.Label, o.facts, _ = strings.Cut(line, ";")
	if o.Label == "" {
		o.Label = o.Name
	}
	return o
}

// issue is the one label that counts as a name: nobody knows what an optask is.
const issue = "issue"

// Lookup finds an object type by its code or name in any case, or by the word issue. The error is an [Unknown].
func Lookup(name string) (Object, error) {
	wanted := name
	if strings.EqualFold(name, issue) {
		wanted = "OPTASK"
	}
	for o := range All() {
		if strings.EqualFold(o.Code, wanted) || strings.EqualFold(o.Name, wanted) {
			return o, nil
		}
	}
	return Object{}, &Unknown{Kind: KindObject, Name: name, Nearest: Nearest(name, objectNames)}
}

// objectNames gives all that an object may be called, and each time its code as it is typed.
func objectNames(yield func(key, shown string) bool) {
	for o := range All() {
		if !yield(o.Code, o.Path()) || !yield(o.Name, o.Path()) || !yield(o.Label, o.Path()) {
			return
		}
	}
}

// Matching returns the objects that have a text in their code, name or label, in any case; all of them for "".
func Matching(text string) []Object {
	text = strings.ToLower(text)
	return slices.Collect(func(yield func(Object) bool) {
		for o := range All() {
			holds := strings.Contains(strings.ToLower(o.Code+"\n"+o.Name+"\n"+o.Label), text)
			if holds && !yield(o) {
				return
			}
		}
	})
}

// Path is the object in the path of a request, and as it is typed: its code in lower case.
func (o Object) Path() string { return strings.ToLower(o.Code) }

// endpoints, actions and queries are the columns of the line that few look at.
func (o Object) endpoints() string {
	letters, _, _ := strings.Cut(o.facts, ";")
	return letters
}

// Actions are the names of the catalogue; a tenant's metadata may have more.
func (o Object) Actions() []string {
	_, rest, _ := strings.Cut(o.facts, ";")
	actions, _, _ := strings.Cut(rest, ";")
	names := strings.Fields(actions)
	if o.has(letterShares) {
		names = append(names, shares[:]...)
		slices.Sort(names)
	}
	return names
}

// Queries are the named queries of the catalogue; a tenant's metadata may have more.
func (o Object) Queries() []string {
	return strings.Fields(o.facts[strings.LastIndexByte(o.facts, ';')+1:])
}

// shares are the actions by which an object is shared. Alone among all actions they may be called with the ID in the path.
var shares = [...]string{"share", "sharePublic", "unshare", "unsharePublic"}
